import { familyOf } from '../../model/lb/address.ts';
import type { Datapath } from '../lb/datapath.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import type { TraceContext } from './traceContext.ts';
import type { Way } from './traceWay.ts';

/** What of a row holds for connections that take this way. */
export function traitsOf(row: ExpectedFrontend, { translator }: Way, { request, datapath }: TraceContext) {
  const { type, port, protocol, portName, flags } = row;
  // Where one scope serves all, both policies are the same (selectBackends.ts).
  const isScoped = flags.has('two-scopes');
  const external = type !== 'ClusterIP' && (isScoped ? row.scope === 'external' : request.source === 'external');
  const isDevice = translator === 'device';
  const field = external ? 'externalTrafficPolicy' : 'internalTrafficPolicy';
  const dsr = usesDsr(row, datapath);
  return {
    type,
    family: familyOf(row.address),
    port,
    protocol,
    portName,
    scopes: flags.has('two-scopes') ? row.scope : ('one' as const),
    policy: { field, value: flags.has(external ? 'Local' : 'InternalLocal') ? 'Local' : 'Cluster' } as const,
    forwarding: !isDevice ? undefined : dsr ? ('dsr' as const) : ('snat' as const),
    dsrDispatch: isDevice && dsr ? datapath.dsrDispatch : undefined,
    // Sockets always choose at random, and so do pods' interfaces unless the Service says otherwise (bpf/bpf_lxc.c).
    algorithm:
      (isDevice && row.maglev) || (translator === 'podInterface' && row.algorithm === 'maglev')
        ? ('maglev' as const)
        : ('random' as const),
    affinity:
      row.affinityTimeout === 0
        ? undefined
        : {
            seconds: row.affinityTimeout,
            by: translator === 'socketLb' ? ('clientNamespace' as const) : ('clientAddress' as const),
          },
    sourceRanges: !flags.has('check source-range')
      ? undefined
      : { cidrs: row.sourceRanges, policy: flags.has('deny') ? ('deny' as const) : ('allow' as const) },
    noBackend: datapath.noBackend,
  };
}

/** Hybrid mode goes by the protocol; newer versions write that into the row (bpf/lib/nodeport.h, nodeport_uses_dsr). */
const usesDsr = ({ flags, protocol }: ExpectedFrontend, { mode, modeAnnotation, behaviour }: Datapath): boolean =>
  flags.has('dsr') || (mode === 'hybrid' && !modeAnnotation && !behaviour.hybridMarksTcp && protocol === 'TCP');
