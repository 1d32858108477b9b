import { differenceCodes, differenceText } from '../../checks/tables/differenceWords.ts';
import { planFor } from '../collect/planFor.ts';
import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import { InterruptedError, usageError } from '../core/KprError.ts';
import { agentConfigOnNode } from '../expect/agent/agentConfigOnNode.ts';
import { connectInputs } from '../expect/connect/connectInputs.ts';
import type { ExpectedFrontend } from '../expect/lb/ExpectedTable.ts';
import type { Io } from '../terminal/Io.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import { unservedOnNode } from '../expect/served/unservedOnNode.ts';
import { ownerAt, type TypedAddress } from '../expect/trace/ownersAt.ts';
import type { TraceRequest } from '../expect/trace/traceContext.ts';
import { isTraced, tracePath } from '../expect/trace/tracePath.ts';
import type { TraceSource } from '../expect/trace/traceWay.ts';
import { valueOf } from '../model/Fact.ts';
import type { Pod, Service } from '../model/kubernetes.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { buildTrace } from '../report/buildTrace.ts';
import type { Format } from '../report/formats.ts';
import type { TraceDocument } from '../report/TraceDocument.ts';
import { toolVersion } from '../terminal/tool.ts';
import { listNames } from '../text/names.ts';
import type { Context } from './Context.ts';
import { findPort, findService } from './findService.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';
import { archiveOf, refuseReportFiles, type ReportFile, writeAndAnswer, writeReports } from './reportFiles.ts';
import { refuseExcludedNodes, refuseUnread } from './selected.ts';
import { type ReadOptions, takeSnapshot, type TakeOptions } from './takeSnapshot.ts';
import type { ConnectFrom } from './tryConnections.ts';

export interface TraceOptions extends ReadOptions, SpeechOptions {
  /** A name without a namespace is in the context's. */
  readonly target:
    | { readonly kind: 'service'; readonly name: string; readonly namespace: string | undefined }
    | ({ readonly kind: 'address' } & TypedAddress);
  /** Number, name or node port; undefined: all. */
  readonly port: string | undefined;
  /** Where the connection begins. */
  readonly from: TraceSource;
  /** From where connections are opened; undefined: from nowhere. */
  readonly connect: ConnectFrom | undefined;
  readonly format: Format<TraceDocument>;
  readonly reports: readonly ReportFile<TraceDocument>[];
}

/**
 * What decides about a connection, and no more: the tables, what must be in them, and the programs that look them up.
 */
const wanted = {
  requires: {
    cluster: ['nodes', 'services'],
    node: ['status', 'agentTable', 'frontendStates', 'cgroupPrograms'],
  },
  uses: [tableParity, agentConfigOnNode, unservedOnNode],
} as const;

/** Where connections to one Service or address go, node by node. Gives the exit code; throws KprError. */
export async function traceService(options: TraceOptions, context: Context): Promise<number> {
  const { io } = context;
  const { limits, verbosity, format, reports } = options;
  refuseReportFiles(reports, [archiveOf(options.source)]);
  const started = io.now();
  const progress = { verbosity, forPeople: format.kind === 'screen' };
  const plan = planFor([wanted, options.connect === undefined ? {} : connectInputs], { ...limits, probe: false });
  const refuse = (early: Snapshot, home: string | undefined): void => {
    refuseExcludedNodes(early, limits.nodes);
    if (options.target.kind === 'service') requestTo(options.target, options, early, home);
  };
  const { derivations, interrupted, namespace } = await takeSnapshot(
    options.source,
    plan,
    { progress, refuse, ...connecting(options, io) },
    context,
  );
  if (derivations === undefined) {
    throw new InterruptedError(
      'Interrupted before the cluster had answered',
      'Nothing is known, so nothing was traced',
    );
  }
  const { snapshot } = derivations;
  const request = requestOf(options, derivations, namespace);
  if (!interrupted) refuseUnread(snapshot);
  const traces = coveredNodes(snapshot).map((node) => tracePath(derivations, node, request));
  const document = buildTrace(traces, snapshot, request, {
    toolVersion,
    durationMs: Math.round(io.now() - started),
    interrupted,
    words: { codes: differenceCodes, textOf: differenceText },
  });

  if (interrupted && verbosity !== 'quiet')
    io.stderr.write('Interrupted: this is what was known by then, the rest is unknown.\n');
  const view = viewOf(options, io);
  await writeAndAnswer(
    () => writeReports(document, reports, view),
    () => print(document, format, view, io),
  );
  return document.exitCode;
}

/** Loaded only where connections are asked for. */
function connecting(options: TraceOptions, io: Io): Pick<TakeOptions, 'andThen'> {
  const { connect } = options;
  if (connect === undefined) return {};
  return {
    andThen: async (derivations, source) => {
      const request = requestOf(options, derivations, source.namespace);
      const { tryConnections } = await import('./tryConnections.ts');
      const wants = (row: ExpectedFrontend): boolean => isTraced(row, request);
      return tryConnections(derivations, { from: [connect], wants }, source, io);
    },
  };
}

/** Throws KprError where there is no such Service, or port of it. */
function requestTo(
  target: Extract<TraceOptions['target'], { readonly kind: 'service' }>,
  { port, from: source }: TraceOptions,
  snapshot: Snapshot,
  namespace = 'default',
): TraceRequest {
  const service = findService(snapshot, { name: target.name, namespace: target.namespace ?? namespace });
  return { service, source, port: port === undefined ? undefined : findPort(service, port) };
}

/** Throws KprError where there is nobody to trace. */
function requestOf(options: TraceOptions, derivations: Derivations, namespace: string | undefined): TraceRequest {
  const { target, from: source } = options;
  const { snapshot } = derivations;
  if (target.kind === 'service') return requestTo(target, options, snapshot, namespace);
  const named = namedService(snapshot, target);
  if (named !== undefined)
    return {
      service: named,
      source,
      port: target.port === undefined ? undefined : findPort(named, String(target.port)),
    };
  const owner = ownerAt(snapshot, target, source);
  switch (owner.kind) {
    case 'service':
      return { service: owner.service, source, port: undefined, filter: owner.filter };
    case 'hostPort':
      return { service: asService(owner.pod), source, port: undefined, filter: owner.filter, ownerKind: 'Pod' };
    case 'nobody': {
      const held = nodesHolding(derivations, target);
      throw usageError(
        `${owner.why}${held.length === 0 ? '' : `; ${listNames(held)} still ${held.length === 1 ? 'has' : 'have'} a row for it`}`,
        held.length === 0
          ? 'kubectl get services -A -o wide lists the addresses of Services'
          : 'kubectl kpr doctor tells of rows that are left',
      );
    }
    default:
      return owner satisfies never;
  }
}

/** `web.shop:80`, as pods write it: no node is called so, and a Service is. */
function namedService({ facts }: Snapshot, { host, isAddress }: TypedAddress): Service | undefined {
  const [name, namespace, more] = host.split('.');
  const isNode = valueOf(facts.nodes)?.some(({ metadata }) => metadata.name === host) === true;
  if (isAddress || isNode || more !== undefined) return undefined;
  return valueOf(facts.services)?.find(
    ({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace,
  );
}

/** What a trace needs of whoever asks for frontends. */
const asService = ({ metadata }: Pod): Service => ({ metadata, spec: { type: 'hostPort' } });

/** Nodes whose table has the address although nobody asks for it. */
function nodesHolding(derivations: Derivations, { host, port }: TypedAddress): readonly string[] {
  return coveredNodes(derivations.snapshot).flatMap(({ name }) => {
    const parity = derivations.on(tableParity, name);
    if (!parity.judged) return [];
    const rows = [...parity.found.frontends.values()];
    return rows.some((row) => row.address === host && (port === undefined || row.port === port)) ? [name] : [];
  });
}
