import type { TraceOptions } from '../../app/traceService.ts';
import { usageError } from '../../core/KprError.ts';
import { traceFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { positional } from '../Flag.ts';
import { connectionFlags, formatFlag, generalFlags, reportFlag, sourceFlags, traceFlags } from '../flags.ts';
import { readOptions, speechOptions } from '../options.ts';
import { traceConnectFrom } from '../connectFrom.ts';
import { parseTarget } from '../parseTarget.ts';

export const trace = defineCommand({
  describe: 'Show where connections to a Service or an address go on each node, expected and found',
  usage: 'trace (SERVICE | ADDRESS[:PORT] | NODE:PORT)',
  examples: [
    ['Where connections to a Service go, on each node', 'trace svc/kube-dns -n kube-system'],
    ['Who answers for an address or a name that stands in a log', 'trace 10.96.140.110:80'],
    ['Who answers for a node port, or the hostPort of a pod', 'trace n1:31080 --source external'],
    ['Whether it is answered, too, by real connections from every node', 'trace svc/httpd --connect'],
    ['Connections that begin outside of the cluster, to one port', 'trace shop/web --source external --port https'],
  ],
  flags: {
    target: positional((typed) => typed),
    name: positional((typed) => typed),
    ...traceFlags,
    ...sourceFlags,
    ...formatFlag(traceFormats),
    ...reportFlag(traceFormats),
    ...connectionFlags,
    ...generalFlags,
  },
  formats: traceFormats,
  read: (given): TraceOptions => {
    if (given.target === undefined)
      throw usageError('trace needs a Service or an address', 'For example: kubectl kpr trace svc/httpd -n default');
    const target = parseTarget(given.target, given.name);
    if (target.kind === 'address' && given.port !== undefined)
      throw usageError('--port is for Services by name', `Write ${given.target}:PORT instead`);
    return {
      ...readOptions(given),
      ...speechOptions(given),
      target:
        target.kind === 'service'
          ? { kind: 'service', name: target.name, namespace: target.namespace ?? given.namespace }
          : target,
      port: given.port ?? (target.kind === 'service' ? target.port : undefined),
      from: given.source.source,
      connect: traceConnectFrom(given),
      format: given.output,
      reports: given.report,
    };
  },
  run: async (options, context) => (await import('../../app/traceService.ts')).traceService(options, context),
});
