import { type Args, stringOf } from '../args.ts';
import { type Comparison, examine } from '../examine.ts';
import type { Io } from '../Io.ts';
import type { Modules } from '../Modules.ts';

/**
 * A gate: all that `doctor` does, and nothing may stay unknown (exit 3); with `--against`, every Service that was there then has to
 * reach the same backends as it did through kube-proxy.
 */
export async function verify(args: Args, io: Io, modules: Modules): Promise<number> {
  const file = stringOf(args, 'against');
  const prepare = async (): Promise<Comparison> =>
    (await import('../comparisonWith.ts')).comparisonWith(file ?? '', args, io, modules);
  return examine('verify', args, io, modules, file === undefined ? undefined : prepare);
}
