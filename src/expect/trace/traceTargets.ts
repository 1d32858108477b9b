import { serviceRef } from '../lb/OwnerRef.ts';
import { valueOf } from '../../model/Fact.ts';
import { bracketed, canonicalAddress, isUnspecified, protocolOf, type Scope } from '../../model/lb/address.ts';
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import { frontendKey } from '../../model/lb/keys.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import { isHeadless } from '../lb/serviceClaims.ts';
import { type TraceContext, plainRow, rowIn, rowsOf } from './traceContext.ts';
import type { Target } from './traceWay.ts';

/** A target with its rows, one for each scope. */
export interface ScopedTarget extends Target {
  readonly byScope: ReadonlyMap<Scope, ExpectedFrontend>;
}

export function targetsOf(context: TraceContext): readonly ScopedTarget[] {
  const { request, node, expected } = context;
  const addresses = valueOf(node.facts.nodeAddresses)?.map(({ address }) => canonicalAddress(address));
  const groups = Map.groupBy(
    rowsOf(context),
    ({ type, address, port, protocol }) => `${type} ${bracketed(address)}:${port}/${protocol}`,
  );
  const targets = [...groups.values()].flatMap((rows): readonly ScopedTarget[] => {
    const [row] = rows;
    if (row === undefined) return [];
    const place = row.type !== 'NodePort' ? 'one' : isUnspecified(row.address) ? 'others' : 'own';
    return [
      {
        row,
        place,
        isOwnAddress: addresses?.includes(row.address),
        isL7: rows.some((one) => rowIn(context, one)?.flags.names.has('l7-load-balancer')),
        isInTable: true,
        byScope: new Map(rows.map((one) => [one.scope, one])),
      },
    ];
  });
  if (request.source !== 'external') return targets;
  // From outside, the zero address stands for nothing but a node without addresses for NodePorts.
  const isUnread = expected.unknown.nodePortAddresses !== undefined;
  return targets.filter(
    ({ place, row }) =>
      place !== 'others' ||
      isUnread ||
      !targets.some((one) => one.place === 'own' && one.row.agentKey === row.agentKey),
  );
}

/** Frontends that Cilium's table is not asked to hold while its replacement is off. */
export function leftToKubeProxy(context: TraceContext): readonly ScopedTarget[] {
  const { datapath, request } = context;
  const { spec } = request.service;
  if (datapath.replacement || isHeadless(request.service)) return [];
  const known = new Set(rowsOf(context).map(({ key }) => key));
  const owner = serviceRef(request.service);
  const ports = request.port === undefined ? (spec?.ports ?? []) : [request.port];
  const balanced = (request.service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  return ports.flatMap((one) => {
    const protocol = protocolOf(one.protocol ?? 'TCP');
    if (protocol === undefined) return [];
    const target = (type: FrontendType, text: string | undefined, port: number): readonly ScopedTarget[] => {
      const address = canonicalAddress(text ?? '');
      if (address === undefined || port === 0) return [];
      const key = frontendKey(address, port, protocol, 'external');
      if (known.has(key)) return [];
      const row = { ...plainRow, key, address, port, protocol, type, owner, portName: one.name ?? '', agentKey: key };
      const place = type === 'NodePort' ? 'others' : 'one';
      return [
        { row, place, isOwnAddress: undefined, isL7: false, isInTable: false, byScope: new Map([['external', row]]) },
      ];
    };
    return target('NodePort', '0.0.0.0', one.nodePort ?? 0).concat(
      balanced.flatMap((address) => target('LoadBalancer', address, one.port)),
      (spec?.externalIPs ?? []).flatMap((address) => target('ExternalIPs', address, one.port)),
    );
  });
}
