import { type Args, stringOf } from '../args.ts';
import { type Comparison, examine } from '../../app/examine.ts';
import type { Io } from '../../terminal/Io.ts';
import type { Loaders } from '../../app/Loaders.ts';

/**
 * A gate: all that `doctor` does, and nothing may stay unknown (exit 3); with `--against`, every Service that was there then has to
 * reach the same backends as it did through kube-proxy.
 */
export async function verify(args: Args, io: Io, loaders: Loaders): Promise<number> {
  const file = stringOf(args, 'against');
  const prepare = async (): Promise<Comparison> =>
    (await import('../../app/compareWithBaseline.ts')).compareWithBaseline(file ?? '', args, io, loaders);
  return examine('verify', args, io, loaders, file === undefined ? undefined : prepare);
}
