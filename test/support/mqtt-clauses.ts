/**
 * How many normative statements each section of MQTT 3.1.1 has (OASIS Standard, 29 October 2014, Appendix B), which
 * are numbered from 1.
 */
const STATEMENTS: Readonly<Record<string, number>> = {
  '1.5.3': 3,
  '2.2.2': 2,
  '2.3.1': 7,
  '3.1.0': 2,
  '3.1.2': 24,
  '3.1.3': 11,
  '3.1.4': 5,
  '3.2.0': 1,
  '3.2.2': 6,
  '3.3.1': 12,
  '3.3.2': 3,
  '3.3.4': 1,
  '3.3.5': 2,
  '3.6.1': 1,
  '3.8.1': 1,
  '3.8.3': 4,
  '3.8.4': 6,
  '3.9.3': 2,
  '3.10.1': 1,
  '3.10.3': 2,
  '3.10.4': 6,
  '3.12.4': 1,
  '3.14.1': 1,
  '3.14.4': 3,
  '4.1.0': 2,
  '4.3.1': 1,
  '4.3.2': 2,
  '4.3.3': 2,
  '4.4.0': 1,
  '4.5.0': 2,
  '4.6.0': 6,
  '4.7.1': 3,
  '4.7.2': 1,
  '4.7.3': 4,
  '4.8.0': 2,
  '6.0.0': 4,
  '7.0.0': 2,
  '7.1.1': 1,
  '7.1.2': 1,
};

/** The standard prints this one with a hyphen in the place of its first point. */
const MISPRINTED = '3.8.3-4';

/** The numbers of all normative statements, in order: "3.1.2-24" for [MQTT-3.1.2-24]. */
export const CLAUSES: readonly string[] = Object.entries(STATEMENTS).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, at) => {
    const clause = `${section}-${at + 1}`;
    return clause === MISPRINTED ? clause.replace('.', '-') : clause;
  }),
);
