import { type BackendKey, withoutProtocol } from '../model/lb/keys.ts';
import { describeDamage } from '../expect/parity/damage.ts';
import type { Difference, FirmDifference, LostStep } from '../expect/parity/Difference.ts';
import { listFirst } from '../text/names.ts';

/** What a difference is and does to connections, as one sentence without its end. */
export function differenceText(difference: Difference): string {
  if (difference.kind === 'settling') return `${firmText(difference.was)} (${difference.why})`;
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

const share = ({ shares, of }: { readonly shares: number; readonly of: number }): string =>
  shares === of ? 'all' : `${shares} of ${of}`;

const maxListed = 3;

const listed = (keys: readonly BackendKey[]): string => listFirst(keys.map(withoutProtocol), maxListed);
