import { BedError } from './Bed.ts';

/** Those named on the command line, or all. Ends the process where none has such a name, or no bed can be up. */
export async function runScenarios(
  scenarios: Readonly<Record<string, () => Promise<void>>>,
  say: (text: string) => void,
): Promise<void> {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !(name in scenarios));
  if (unknown.length > 0) {
    console.error(`no scenario ${unknown.join(', ')}; there are: ${Object.keys(scenarios).join(', ')}`);
    process.exit(64);
  }
  try {
    for (const [name, run] of Object.entries(scenarios)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      say(`---- ${name}`);
      await run();
    }
  } catch (error) {
    if (!(error instanceof BedError && error.unavailable)) throw error;
    console.error(error.message);
    process.exit(69);
  }
}
