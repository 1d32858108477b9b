import { planFor } from '../../collect/planFor.ts';
import { coveredNodes } from '../../core/Derivations.ts';
import type { TraceRequest } from '../../expect/trace/traceContext.ts';
import { tracePath } from '../../expect/trace/tracePath.ts';
import { type TraceSource, traceSources } from '../../expect/trace/traceWay.ts';
import { buildTrace } from '../../report/buildTrace.ts';
import { renderJson } from '../../report/renderJson.ts';
import { renderTrace } from '../../report/renderTrace.ts';
import { type Args, isSet, stringOf } from '../args.ts';
import { colorOf } from '../colorOf.ts';
import { InterruptedError } from '../InterruptedError.ts';
import type { Io } from '../../terminal/Io.ts';
import type { Loaders } from '../../app/Loaders.ts';
import { planOptions } from '../planOptions.ts';
import { findPort, findService, parseServiceName } from '../serviceOf.ts';
import { streamStyle } from '../../terminal/streamStyle.ts';
import { takeSnapshot } from '../../app/takeSnapshot.ts';
import { usageError } from '../usageError.ts';
import { version } from '../../terminal/version.ts';

/** What decides about a connection, and no more: the tables, what must be in them, and the programs that look them up. */
const wanted = {
  needs: {
    cluster: ['nodes', 'services', 'endpointSlices', 'pods', 'localRedirectPolicies', 'ciliumConfig'],
    node: ['status', 'startedConfig', 'nodeAddresses', 'lbTable', 'agentTable', 'frontendStates', 'cgroupPrograms'],
  },
} as const;

/** The decided way of connections to one Service, node by node. Gives the exit code; throws KprError. */
export async function trace(args: Args, io: Io, loaders: Loaders): Promise<number> {
  const started = io.now();
  const asked = stringOf(args, 'service');
  if (asked === undefined)
    throw usageError('trace needs a Service', 'For example: kubectl kpr trace svc/httpd -n default');
  const typed = parseServiceName(asked);
  const plan = planFor([wanted], { ...planOptions(args), probe: false });
  const { derivations, interrupted, namespace } = await takeSnapshot(args, plan, io, loaders);
  if (derivations === undefined) {
    throw new InterruptedError(
      'Interrupted before the cluster had answered',
      'Nothing is known, so nothing was traced',
    );
  }
  const { snapshot } = derivations;
  const service = findService(snapshot, {
    namespace: typed.namespace ?? stringOf(args, 'namespace') ?? namespace ?? 'default',
    name: typed.name,
  });
  const port = stringOf(args, 'port');
  const request: TraceRequest = {
    service,
    source: sourceOf(args),
    port: port === undefined ? undefined : findPort(service, port),
  };
  const traces = coveredNodes(snapshot).map((node) => tracePath(derivations, node, request));
  const document = buildTrace(traces, snapshot, request, {
    toolVersion: version,
    durationMs: Math.round(io.now() - started),
    interrupted,
  });

  if (interrupted && !isSet(args, 'quiet'))
    io.stderr.write('Interrupted: this is what was known by then, the rest is unknown.\n');
  if (stringOf(args, 'output') === 'json') io.stdout.write(renderJson(document));
  else {
    const style = streamStyle(io.stdout, io, colorOf(args));
    const detail = isSet(args, 'verbose') ? 'verbose' : isSet(args, 'quiet') ? 'quiet' : 'normal';
    io.stdout.write(renderTrace(document, { ...style, detail }));
  }
  return document.exitCode;
}

const sourceOf = (args: Args): TraceSource => {
  const given = stringOf(args, 'source');
  return traceSources.find((source) => source === given) ?? 'pod';
};
