import type { TraceOptions } from '../../app/traceService.ts';
import { usageError } from '../../core/KprError.ts';
import { traceFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { positional } from '../Flag.ts';
import { connectionFlags, formatFlag, generalFlags, sourceFlags, traceFlags } from '../flags.ts';
import { readOptions, speechOptions } from '../options.ts';
import { parseServiceName } from '../parseServiceName.ts';

export const trace = defineCommand({
  describe: 'Show the way of a connection to a Service on each node, expected against found (svc/NAME, NS/NAME)',
  usage: 'trace SERVICE',
  examples: [
    ['Where connections to a Service go, on each node', 'trace svc/kube-dns -n kube-system'],
    ['Connections that begin outside of the cluster, to one port', 'trace shop/web --source external --port https'],
  ],
  flags: {
    service: positional(parseServiceName),
    ...traceFlags,
    ...sourceFlags,
    ...formatFlag(traceFormats),
    ...connectionFlags,
    ...generalFlags,
  },
  formats: traceFormats,
  read: (given): TraceOptions => {
    const { service } = given;
    if (service === undefined)
      throw usageError('trace needs a Service', 'For example: kubectl kpr trace svc/httpd -n default');
    return {
      ...readOptions(given),
      ...speechOptions(given),
      service: { name: service.name, namespace: service.namespace ?? given.namespace },
      port: given.port,
      from: given.source,
      format: given.output,
    };
  },
  run: async (options, context) => (await import('../../app/traceService.ts')).traceService(options, context),
});
