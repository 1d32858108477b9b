import { type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

/** Whether kube-proxy is needed is not known: no agent says so, and the configuration could not be read. */
export const replacementUnknown = ({ facts }: Snapshot): readonly Undecided[] =>
  isKnown(facts.ciliumConfig) ? [] : [undecided(facts.ciliumConfig)];
