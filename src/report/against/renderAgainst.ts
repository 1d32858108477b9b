import { listFirst, listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import type { Verbosity } from '../../text/Style.ts';
import { baseName, timeText } from '../renderHeader.ts';
import type { Page } from '../Page.ts';
import type { AgainstReport, IntendedReport, LossReport } from './AgainstReport.ts';

const indent = 2;
const maxShown = 3;

/**
 * The comparison for people: whether all is as before, then what is lost, what is meant to differ, and what
 * changed meanwhile.
 */
export function renderAgainst(page: Page, against: AgainstReport, detail: Verbosity): void {
  page.prose(summaryOf(against), { paint: 'bold' });
  const all = detail === 'verbose';
  for (const alike of groupsOf(against.lost, ({ frontend: _frontend, ...rest }) => rest)) renderLoss(page, alike, all);
  if (detail === 'quiet') return;
  renderUnknown(page, against, all);
  for (const alike of groupsOf(against.intended, ({ reasons }) => reasons)) renderIntended(page, against, alike, all);
  renderChanges(page, against, all);
}

/** `Against before.kpr (2026-11-20 14:03 UTC, kube-proxy iptables, 2 nodes): 30 of 30 Services reach the same …` */
function summaryOf({ file, takenAt, modes, nodes, services, intended, unknown }: AgainstReport): string {
  const { total, counts } = services;
  const reach = counts.same + counts.endpoints + counts.service;
  const mode = modes.length === 0 ? 'kube-proxy' : `kube-proxy ${modes.join(' and ')}`;
  const uncompared = new Set(
    unknown.flatMap(({ node }) => (node === null || nodes.compared.includes(node) ? [] : node)),
  );
  const where =
    uncompared.size === 0
      ? count(nodes.compared.length, 'node')
      : `${nodes.compared.length} of ${count(nodes.compared.length + uncompared.size, 'node')}`;
  const kinds = new Set(intended.map(({ reasons }) => reasons.join())).size;
  const parts = [
    total === 0
      ? 'no Service was there at both times'
      : `${reach} of ${count(total, 'Service')} reach the same backends${moved(counts)}`,
    ...(counts.lost > 0 ? [counts.lost === 1 ? '1 does not' : `${counts.lost} do not`] : []),
    ...(counts.unknown > 0 ? [`${counts.unknown} not known`] : []),
    ...(kinds > 0 ? [count(kinds, 'intended difference')] : []),
  ];
  return `Against ${baseName(file)} (${timeText(takenAt)}, ${mode}, ${where}): ${parts.join('; ')}`;
}

function moved({ endpoints, service }: AgainstReport['services']['counts']): string {
  const parts = [
    ...(endpoints > 0 ? [`${endpoints} with their present endpoints`] : []),
    ...(service > 0 ? [`${service} as the Service asks now`] : []),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const verbs: Readonly<Record<LossReport['what'], string>> = {
  frontend: 'is not served any more',
  backends: 'does not reach the same backends',
  refusal: 'refuses otherwise than before',
  affinity: 'has another session affinity',
  sourceRanges: 'lets in other sources',
  properties: 'has other properties',
  loopback: 'does not answer on the loopback any more: socket load balancing is off',
};

function renderLoss(page: Page, alike: readonly LossReport[], all: boolean): void {
  const [first] = alike;
  if (first === undefined) return;
  const { service, what, from, nodes, expected, found, code, severity } = first;
  const [namespace = '', name = ''] = service.split('/');
  page.prose(
    `${service} ${verbs[what]}: ${listed(
      alike.map(({ frontend }) => frontend),
      all,
    )}`,
    {
      label: `${page.symbols[severity]} `,
      labelPaint: severity,
      indent,
      paint: 'bold',
    },
  );
  page.prose(`${clients(from)}, on ${listNames(nodes, all)}${code === null ? '' : `, see ${code}`}`, { indent });
  page.verbatim(`expected  ${orNothing(expected, all)}`, { indent });
  page.verbatim(`found     ${orNothing(found, all)}`, { indent });
  page.verbatim(`kubectl kpr trace svc/${name} -n ${namespace}${nodes.length === 1 ? ` --node ${nodes[0]}` : ''}`, {
    indent,
    paint: 'bold',
  });
}

function renderIntended(page: Page, { reasons }: AgainstReport, alike: readonly IntendedReport[], all: boolean): void {
  const [first] = alike;
  if (first === undefined) return;
  const why = first.reasons.flatMap((name) => reasons.filter((one) => one.name === name));
  const services = [...new Set(alike.map(({ service }) => service))];
  const nodes = [...new Set(alike.flatMap((one) => one.nodes))];
  const whom = services.length <= maxShown ? listNames(services) : count(services.length, 'Service');
  page.prose(`${why.map(({ title }) => title).join('; ')}: ${whom} on ${listNames(nodes, all)}`, {
    label: `${page.symbols.info} `,
    labelPaint: 'info',
    indent,
  });
  for (const { cilium, consequence } of why) page.prose(consequence ?? `Cilium: ${cilium}`, { indent, paint: 'dim' });
  if (!all) return;
  for (const { service, frontend, from, before, now, nodes: own } of alike) {
    page.verbatim(
      `${page.symbols.bar} ${service} ${frontend} ${clients(from)} on ${listNames(own, true)}: ${orNothing(before, all)} / ${orNothing(now, all)}`,
      { indent, paint: 'dim' },
    );
  }
}

function renderUnknown(page: Page, { unknown }: AgainstReport, all: boolean): void {
  for (const alike of groupsOf(unknown, ({ detail }) => detail)) {
    const [first] = alike;
    const nodes = [...new Set(alike.flatMap(({ node }) => node ?? []))];
    const services = [...new Set(alike.flatMap(({ service }) => service ?? []))];
    const where = [listNames(services, all), listNames(nodes, all)].filter((names) => names !== '').join(' on ');
    page.prose(`${where === '' ? '' : `${where} `}not compared: ${first?.detail ?? ''}`, {
      label: `${page.symbols.unknown} `,
      labelPaint: 'unknown',
      indent,
    });
  }
}

function renderChanges(page: Page, { services, nodes, gained }: AgainstReport, all: boolean): void {
  const note = (text: string): void =>
    page.prose(text, { label: `${page.symbols.skipped} `, labelPaint: 'dim', indent });
  const changed = services.compared.filter((one) => one.changed.length > 0 && one.changed.join() !== 'endpoints');
  const renewed = services.compared.filter((one) => one.changed.join() === 'endpoints');
  if (changed.length > 0)
    note(
      `changed in the API since: ${listNames(
        changed.map(({ service, changed: what }) => `${service} (${what.join(', ')})`),
        all,
      )}`,
    );
  if (renewed.length > 0)
    note(
      `other endpoints since: ${listNames(
        renewed.map((one) => told(one)),
        all,
      )}`,
    );
  if (gained.length > 0)
    note(
      `not served by kube-proxy, but now: ${listNames([...new Set(gained.map(({ service, frontend }) => `${service} ${frontend}`))], all)}`,
    );
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['new Services', services.added],
    ['Services that are gone', services.removed],
    ['new nodes', nodes.added],
    ['nodes that are gone', nodes.removed],
    ['nodes without an agent now', nodes.excluded],
    ['kube-proxy was gone then already from', nodes.leftovers],
  ];
  for (const [title, names] of lists) if (names.length > 0) note(`${title}: ${listNames(names, all)}`);
}

const told = ({ service, backends }: AgainstReport['services']['compared'][number]): string =>
  backends.before === backends.now ? service : `${service} (${backends.before}, now ${backends.now})`;

const words = { outside: 'from outside', pod: 'from pods', node: 'from the node' } as const;

function clients(from: LossReport['from']): string {
  if (from.length === 0 || from.length === Object.keys(words).length) return 'for everybody';
  return listNames(from.map((source) => words[source]));
}

const orNothing = (things: readonly string[], all: boolean): string =>
  things.length === 0 ? '(nothing)' : listed(things, all);

const listed = (texts: readonly string[], all: boolean): string =>
  all ? texts.join(', ') : listFirst(texts, maxShown);

const groupsOf = <T>(items: readonly T[], keyOf: (item: T) => unknown): readonly (readonly T[])[] => [
  ...Map.groupBy(items, (item) => JSON.stringify(keyOf(item))).values(),
];
