/** What yargs gives for one command: every flag by its name as typed. */
export type Args = Readonly<Record<string, unknown>>;

/** A flag that was given twice counts as kubectl counts it: the last one. Empty is not given. */
export const stringOf = (args: Args, name: string): string | undefined => {
  const value = [args[name]].flat().at(-1);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** A flag that may be repeated, and hold several values with commas between. */
export const listOf = (args: Args, name: string): string[] =>
  [args[name]]
    .flat()
    .flatMap((value) => (typeof value === 'string' ? value.split(',') : []))
    .map((value) => value.trim())
    .filter((value) => value !== '');

export const isSet = (args: Args, name: string): boolean => [args[name]].flat().at(-1) === true;
