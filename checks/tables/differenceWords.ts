import type { Code } from '../../src/knowledge/codes.ts';
import { type BackendKey, withoutProtocol } from '../../src/model/lb/keys.ts';
import type { Damage } from '../../src/expect/parity/damage.ts';
import { type Difference, type FirmDifference, isFirm, type LostStep } from '../../src/expect/parity/Difference.ts';
import { listFirst } from '../../src/text/names.ts';
import { count, plural } from '../../src/text/plural.ts';
import { kpr1007 } from '../agents/problems/KPR1007.ts';
import { kpr1011 } from '../agents/problems/KPR1011.ts';
import { kpr5009 } from '../services/problems/KPR5009.ts';
import { kpr4001 } from './problems/KPR4001.ts';
import { kpr4002 } from './problems/KPR4002.ts';
import { kpr4003 } from './problems/KPR4003.ts';
import { kpr4004 } from './problems/KPR4004.ts';
import { kpr4005 } from './problems/KPR4005.ts';
import { kpr4006 } from './problems/KPR4006.ts';
import { kpr4009 } from './problems/KPR4009.ts';
import { kpr4010 } from './problems/KPR4010.ts';

/**
 * Under which code a difference between the API and a table is raised, and what else is wrong on the way to a Service.
 */
export const differenceCodes = {
  frontendMissing: kpr4001.code,
  backendsMissing: kpr4002.code,
  backendsStale: kpr4003.code,
  frontendOrphan: kpr4004.code,
  damaged: kpr4005.code,
  wrongProperties: kpr4006.code,
  settling: kpr4009.code,
  undecided: kpr4009.code,
  detached: kpr1007.code,
  agentError: kpr1011.code,
  chained: kpr5009.code,
  unanswered: kpr4010.code,
} as const satisfies Readonly<Record<Difference['kind'] | 'detached' | 'agentError' | 'chained' | 'unanswered', Code>>;

/** What a difference is and does to connections, as one sentence without its end. */
export function differenceText(difference: Difference): string {
  if (!isFirm(difference)) return `${firmText(difference.underlying)} (${difference.why})`;
  const doubt = difference.doubt === undefined ? '' : ` (or a misreading: ${difference.doubt})`;
  return `${firmText(difference)}${doubt}`;
}

function firmText(difference: FirmDifference): string {
  const where = layerTexts[difference.layer];
  const error = difference.agentError === '' ? '' : `; the agent reports: ${difference.agentError}`;
  return `${whatText(difference)}${where === '' ? '' : `; ${where}`}${error}`;
}

function whatText(difference: FirmDifference): string {
  const { lost, expected, found } = difference;
  switch (difference.kind) {
    case 'frontendMissing':
      return 'the map does not have it, so connections to it are not balanced at all';
    case 'backendsMissing': {
      const names = listed(difference.missing);
      return lost === undefined
        ? `new connections go to ${found.length} of ${expected.length} ready backends only, without ${names}`
        : `new connections are refused although ready: ${names}`;
    }
    case 'backendsStale':
      return `${lost === undefined ? 'some' : share(lost)} new connections go to what the API no longer has: ${listed(difference.stale)}`;
    case 'frontendOrphan':
      return 'nothing in the API asks for it';
    case 'damaged': {
      const effect = lost === undefined ? '' : `${share(lost)} new connections go nowhere: `;
      return `${effect}${difference.damage.map(describeDamage).join('; ')}`;
    }
    case 'wrongProperties':
      return difference.properties
        .map(({ property, expected, found }) => `${property} is ${found} instead of ${expected}`)
        .join('; ');
  }
}

const layerTexts: Readonly<Record<LostStep, string>> = {
  apiToAgent: 'the agent’s own table has it wrong, too',
  agentToMap: 'the agent’s own table is right, the map is not',
  unknown: '',
};

const share = ({ shares, total }: { readonly shares: number; readonly total: number }): string =>
  shares === total ? 'all' : `${shares} of ${total}`;

const maxListed = 3;

const listed = (keys: readonly BackendKey[]): string => listFirst(keys.map(withoutProtocol), maxListed);

/** One phrase each, for people. */
export function describeDamage(damage: Damage): string {
  if (damage.kind === 'noMaster') {
    return `slot 0 is missing, so the datapath does not find the frontend (${count(damage.slots, 'other slot')})`;
  }
  if (damage.kind === 'missingSlots')
    return `${plural(damage.slots.length, 'slot')} ${listFirst(damage.slots.map(String), 5)} missing`;
  if (damage.kind === 'danglingSlots') {
    const [first] = damage.slots;
    return damage.slots.length === 1
      ? `slot ${first?.number} points to backend ${first?.backendId ?? '?'}, which does not exist`
      : `slots ${listFirst(
          damage.slots.map(({ number }) => String(number)),
          5,
        )} point to backends that do not exist`;
  }
  if (damage.kind === 'wrongCount') {
    return `the count says ${damage.count} active and ${damage.inactive} inactive, the slots are ${damage.slots}`;
  }
  if (damage.kind === 'affinityWithoutTimeout') return 'session affinity without a timeout';
  if (damage.kind === 'noMaglevTable')
    return `no Maglev table for its ID ${damage.id}, so connections from outside are dropped`;
  return damage.found === undefined
    ? 'no reverse NAT entry, so answers keep the address of the backend'
    : `reverse NAT to ${damage.found} instead of ${damage.expected}`;
}
