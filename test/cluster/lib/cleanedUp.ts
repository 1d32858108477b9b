import type { Decisions } from './followRemedy.ts';

/** The script was read, and is run: through the agent's pod, where nobody has to log in to a node. */
export const cleanedUp: Decisions = Object.fromEntries(
  ['n1', 'n2'].map((node) => [
    `kubectl kpr cleanup --node ${node} -o cleanup`,
    `kubectl kpr cleanup --node ${node} --apply --yes`,
  ]),
);
