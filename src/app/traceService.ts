import { differenceCodes, differenceText } from '../../checks/tables/differenceWords.ts';
import { planFor } from '../collect/planFor.ts';
import { coveredNodes } from '../core/Derivations.ts';
import { InterruptedError } from '../core/KprError.ts';
import { agentConfigOnNode } from '../expect/agent/agentConfigOnNode.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import { unservedOnNode } from '../expect/served/unservedOnNode.ts';
import type { TraceRequest } from '../expect/trace/traceContext.ts';
import { tracePath } from '../expect/trace/tracePath.ts';
import type { TraceSource } from '../expect/trace/traceWay.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { buildTrace } from '../report/buildTrace.ts';
import type { Format } from '../report/formats.ts';
import type { TraceDocument } from '../report/TraceDocument.ts';
import { toolVersion } from '../terminal/tool.ts';
import type { Context } from './Context.ts';
import { findPort, findService } from './findService.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';
import { refuseExcludedNodes, refuseUnread } from './selected.ts';
import { type ReadOptions, takeSnapshot } from './takeSnapshot.ts';

export interface TraceOptions extends ReadOptions, SpeechOptions {
  /** Without a namespace: the context's. */
  readonly service: { readonly name: string; readonly namespace: string | undefined };
  /** Number, name or node port; undefined: all. */
  readonly port: string | undefined;
  /** Where the connection begins. */
  readonly from: TraceSource;
  readonly format: Format<TraceDocument>;
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

/** The decided way of connections to one Service, node by node. Gives the exit code; throws KprError. */
export async function traceService(options: TraceOptions, context: Context): Promise<number> {
  const { io } = context;
  const { limits, verbosity, format } = options;
  const started = io.now();
  const progress = { verbosity, forPeople: format.kind === 'screen' };
  const plan = planFor([wanted], { ...limits, probe: false });
  const refuse = (early: Snapshot): void => refuseExcludedNodes(early, limits.nodes);
  const { derivations, interrupted, namespace } = await takeSnapshot(
    options.source,
    plan,
    { progress, refuse },
    context,
  );
  if (derivations === undefined) {
    throw new InterruptedError(
      'Interrupted before the cluster had answered',
      'Nothing is known, so nothing was traced',
    );
  }
  const { snapshot } = derivations;
  const { name } = options.service;
  const service = findService(snapshot, { name, namespace: options.service.namespace ?? namespace ?? 'default' });
  const request: TraceRequest = {
    service,
    source: options.from,
    port: options.port === undefined ? undefined : findPort(service, options.port),
  };
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
  await print(document, format, viewOf(options, io), io);
  return document.exitCode;
}
