import type { SimulatorOptions } from './options.ts';

const kinds = [
  'hung',
  'refusing',
  'corrupt',
  'differing',
  'slow',
  'replaying',
  'misdigesting',
  'older',
  'leaving',
  'leavingWrong',
  'joining',
  'replaced',
  'killed',
] as const;
export type Behaviour = 'healthy' | (typeof kinds)[number];

/** Which node does what: spread over all of them, the same for the same options. */
export function behavioursOf(options: SimulatorOptions): readonly Behaviour[] {
  const behaviours = Array.from({ length: options.nodes }, (): Behaviour => 'healthy');
  const order = spreadOrder(options.nodes);
  let at = 0;
  for (const kind of kinds)
    for (let left = howMany(options[kind], options.nodes); left > 0; left--) {
      const node = order[at++];
      if (node !== undefined) behaviours[node] = kind;
    }
  return behaviours;
}

/** @param given a part of the nodes, below 1, or a number of them */
export const howMany = (given: number, nodes: number): number =>
  given < 1 ? Math.round(given * nodes) : Math.round(given);

/** Each index once, neighbours far from each other: by a step that has no divisor in common with their number. */
function spreadOrder(count: number): readonly number[] {
  let step = Math.max(1, Math.round(count * 0.382));
  while (divisor(step, count) !== 1) step += 1;
  return Array.from({ length: count }, (_, i) => (1 + i * step) % count);
}

/** The greatest one of both. */
export const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
