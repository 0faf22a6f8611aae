/** SenML units (RFC 8428, RFC 8798) as people write them. Any other unit stands as it is. */
const WRITTEN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Cel: '°C',
    '%RH': '%',
    '%EL': '%',
    '/100': '%',
    '/': '',
    deg: '°',
    Ohm: 'Ω',
    m2: 'm²',
    m3: 'm³',
    'm/s': 'm/s',
    'm/s2': 'm/s²',
    'W/m2': 'W/m²',
    lx: 'lx',
    '1/min': '/min',
    count: '',
  }),
);

export const writtenUnit = (unit: string | undefined): string => (unit ? (WRITTEN.get(unit) ?? unit) : '');
