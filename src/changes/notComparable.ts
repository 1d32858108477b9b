import { clusterMismatches } from './sameCluster.ts';
import type { Baseline } from '../model/Baseline.ts';
import { isKnown } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';

/** Why a reading cannot stand for how it was before, and what to do; one sentence each. */
export interface NotComparable {
  readonly message: string;
  readonly hint: string;
}

/** undefined: nothing speaks against the comparison as a whole. @param file as the user named it */
export function notComparable(before: Baseline, after: Snapshot, file: string): NotComparable | undefined {
  const [objection] = clusterMismatches(before, after);
  if (objection?.kind === 'otherCluster') {
    return {
      message: `${file} is a capture of another cluster${contextOf(before)}: ${objection.why}.`,
      hint: 'Choose this cluster’s capture, or the cluster of that capture with --context NAME.',
    };
  }
  if (objection?.kind === 'redacted') {
    const [was, is] = objection.which === 'before' ? ['is', 'is not'] : ['is not', 'is'];
    return {
      message: `${file} ${was} redacted, and what it is to be compared with ${is}: the names of the one do not stand in the other.`,
      hint: 'Give two captures that are both redacted, with one key, or neither.',
    };
  }
  if (objection?.kind === 'swapped') {
    return {
      message: `${file} was taken later (${objection.before}) than what it is to be compared with (${objection.after}).`,
      hint: 'Give the earlier capture to --against and the later one to --from.',
    };
  }
  const { services, endpointSlices } = before.facts;
  const unread = isKnown(services) ? (isKnown(endpointSlices) ? undefined : endpointSlices) : services;
  if (unread !== undefined) {
    return {
      message: `${file} does not say which Services and endpoints there were: ${unread.detail}.`,
      hint: 'Take captures as a user who may list Services and EndpointSlices in all namespaces.',
    };
  }
  return withoutRules(before, file);
}

function withoutRules(before: Baseline, file: string): NotComparable | undefined {
  if (before.nodes.some(({ table }) => isKnown(table) && table.value.hooked)) return undefined;
  const [first] = before.nodes.flatMap(({ name, table }) => (isKnown(table) ? [] : [`${name}: ${table.detail}`]));
  return {
    message:
      first === undefined
        ? `kube-proxy was not in effect any more in ${file}: nothing leads to its rules.`
        : `${file} holds no rules of kube-proxy to compare with (${first}).`,
    hint: 'Before is what was captured while kube-proxy still ran: kubectl kpr capture -o before.kpr',
  };
}

const contextOf = ({ origin }: Baseline): string =>
  origin.kind === 'sysdump' ? '' : ` (context ${origin.context}, ${origin.server})`;
