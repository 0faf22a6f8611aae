/** The id in what somebody writes as their name: ids are in small letters, and told with "@". */
export const idWritten = (written: string): string => written.trim().replace(/^@/, '').toLowerCase();
