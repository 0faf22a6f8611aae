import type { ServiceChange, ToldService } from '#broker/contract/service.ts';

type Fields = Omit<Required<ServiceChange>, 'disabled'>;

/** What is otherwise than it was: the hub ends a service's links for anything but its name. */
export function changeOf(service: ToldService, wanted: Fields): ServiceChange {
  const isOther = ([field, value]: [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(service[field as keyof Fields]);
  return Object.fromEntries(Object.entries(wanted).filter(isOther));
}
