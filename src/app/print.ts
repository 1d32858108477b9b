import type { Format } from '../report/formats.ts';
import type { View } from '../report/View.ts';
import type { Io } from '../terminal/Io.ts';
import { type ColorFlag, streamStyle } from '../terminal/streamStyle.ts';
import type { Verbosity } from '../text/Style.ts';

/** How a command prints its answer, whatever the answer is. */
export interface SpeechOptions {
  readonly color: ColorFlag;
  readonly verbosity: Verbosity;
  /** Says where errors come from. */
  readonly debug: boolean;
}

/** What stdout can show of it, and how much is wanted. */
export const viewOf = ({ color, verbosity }: SpeechOptions, io: Io): View => ({
  ...streamStyle(io.stdout, io, color),
  detail: verbosity,
  now: Date.now(),
});

/** Writes the answer on stdout. */
export async function print<D, V extends View>(
  document: D,
  format: Format<D, V>,
  view: V,
  { stdout, guard }: Io,
): Promise<void> {
  switch (format.kind) {
    case 'screen': {
      const render = await format.load();
      stdout.write(render(document, view));
      break;
    }
    case 'document': {
      const { render } = await format.load();
      stdout.write(render(document));
      break;
    }
  }
  guard?.answered();
}
