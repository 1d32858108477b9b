import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { type Inconclusive, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { type Drift, sliceDrift } from '../../src/expect/served/sliceDrift.ts';
import { missing } from '../../src/model/Fact.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5014 } from './problems/KPR5014.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/** Names in the message; all of them are in the finding's objects. */
const shownNames = 5;
const shownDrifts = 3;

export const endpointsCurrent = defineCheck({
  id: 'endpoints-current',
  title: 'EndpointSlices say what the pods of their Services are',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5014],
  requires: { cluster: ['services', 'endpointSlices', 'pods', 'nodes'] },
  uses: [sliceDrift],
  run({ derived, evidence, frame: { origin } }) {
    const drift = derived(sliceDrift);
    if ('missing' in drift) return inconclusive(drift);
    const seen = (drifts: readonly Drift[]) => [
      evidence('endpointSlices', drifts.slice(0, shownDrifts).map(wordsOf).join('\n')),
    ];
    const { firm, open } = drift;
    const behind = firm.filter(({ byController }) => byController);
    const others = Map.groupBy(
      firm.filter(({ byController }) => !byController),
      ({ kind, service, slice = '' }) => `${kind} ${serviceKey(service)} ${slice}`,
    );
    return passUnless([
      ...(behind.length === 0 ? [] : [behindFinding(behind, seen(behind))]),
      ...[...others.values()].flatMap((drifts) => authorFinding(drifts, seen(drifts))),
      ...openQuestion(open, origin === 'live'),
    ]);
  },
});

type Seen = Finding['evidence'];

/** Whoever does not keep up with one does so with all. */
function behindFinding(drifts: readonly Drift[], evidence: Seen): Finding<'KPR5014'> {
  const objects = servicesOf(drifts);
  const services = listFirst(objects.map(nameOf), shownNames);
  return finding(kpr5014, 'behind', { services, what: someWords(drifts) }, { objects, evidence });
}

function authorFinding(drifts: readonly Drift[], evidence: Seen): readonly Finding<'KPR5014'>[] {
  const [first] = drifts;
  if (first === undefined) return [];
  const { kind, service, slice = '' } = first;
  const params = { service: serviceKey(service), slice, addresses: listFirst(distinct(drifts), shownNames) };
  const about = { objects: servicesOf(drifts), evidence };
  if (kind === 'mirrored') return [finding(kpr5014, 'mirrored', params, about)];
  const pods = listFirst([...new Set(drifts.flatMap(({ pod }) => pod ?? []))], shownNames);
  return [finding(kpr5014, 'ended', { ...params, pods }, about)];
}

function openQuestion(drifts: readonly Drift[], isLive: boolean): readonly Inconclusive[] {
  if (drifts.length === 0) return [];
  const when = isLive ? 'it may be right in a moment' : 'it may have changed while the file was made';
  return [inconclusive(missing('notCollected', `${someWords(drifts)}: ${when}`))];
}

function someWords(drifts: readonly Drift[]): string {
  const rest = drifts.length - shownDrifts;
  return [...drifts.slice(0, shownDrifts).map(wordsOf), ...(rest > 0 ? [`${rest} more`] : [])].join('; ');
}

function wordsOf({ kind, service, address, pod = '', slice = '' }: Drift): string {
  const of = serviceKey(service);
  switch (kind) {
    case 'unlisted':
      return `pod ${pod} (${address}) of ${of} is ready, and no EndpointSlice has it`;
    case 'heldBack':
      return `pod ${pod} (${address}) of ${of} is ready, and EndpointSlice ${slice} says that it is not`;
    case 'notReady':
      return `EndpointSlice ${slice} calls pod ${pod} (${address}) of ${of} ready, which is not`;
    case 'ended':
      return `EndpointSlice ${slice} calls pod ${pod} (${address}) of ${of} ready, which has ended`;
    case 'gone':
      return `EndpointSlice ${slice} calls ${address} ready, which no pod of ${of} has`;
    case 'mirrored':
      return `EndpointSlice ${slice} lists ${address}, copied of an Endpoints object, beside the pods of ${of}`;
    default:
      return kind satisfies never;
  }
}

const distinct = (drifts: readonly Drift[]): readonly string[] => [...new Set(drifts.map(({ address }) => address))];

const servicesOf = (drifts: readonly Drift[]): readonly ObjectRef[] =>
  [...new Map(drifts.map(({ service }) => [serviceKey(service), service])).values()].map(serviceRef);

const nameOf = ({ namespace = '', name }: ObjectRef): string => `${namespace}/${name}`;
