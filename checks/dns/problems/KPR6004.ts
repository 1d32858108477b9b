import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr6004 = defineProblem({
  code: 'KPR6004',
  severity: 'warning',
  harm: 'trap',
  layer: 'host',
  title: 'Sockets to DNS backends that are gone are not closed',
  brief: 'sockets of DNS backends that are gone stay open',
  symptom:
    'After CoreDNS was restarted or scaled down, programs that keep one socket to it (NGINX, HAProxy, systemd-resolved) do not resolve names until they are restarted.',
  cause:
    'With socket load balancing a connected socket stays with the backend that was chosen. Cilium closes it when the backend is gone, unless it is told not to (bpf-lb-sock-terminate-pod-connections), for which the kernel must be built with CONFIG_INET_DIAG_DESTROY and what belongs to it.',
  confirm:
    'zgrep CONFIG_INET_DIAG_DESTROY /proc/config.gz on the node; the agent’s log says “Forcefully terminating sockets connected to deleted service backends not supported by underlying kernel”.',
  variants: {
    switchedOff: {
      // Somebody asked for it.
      severity: 'info',
      harm: 'note',
      message:
        'bpf-lb-sock-terminate-pod-connections is false: sockets of pods to backends that are gone stay open, those to cluster DNS among them',
      remedy: {
        steps: [
          {
            text: 'Let agents close them, unless somebody knows why not; it takes effect with the next start of each',
            sets: {
              key: 'bpf-lb-sock-terminate-pod-connections',
              value: 'true',
              helm: 'socketLB.terminatePodConnections=true',
            },
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check stale-sockets-closable',
      },
    },
    lacking: {
      message: 'The kernel is built without {{options}}: sockets to backends that are gone stay open',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take a kernel with these options, or with Cilium 1.19 or later one of 6.5 or later',
            where: 'node',
          },
        ],
        check: 'kubectl kpr doctor --check stale-sockets-closable',
      },
      alternatives: [
        {
          title: 'leave pods’ sockets alone, so that each packet is translated by itself',
          steps: [
            {
              text: 'Let socket load balancing act in the host’s namespace alone; it takes effect with the next start of each agent',
              sets: { key: 'bpf-lb-sock-hostns-only', value: 'true', helm: 'socketLB.hostNamespaceOnly=true' },
              where: 'workstation',
            },
          ],
        },
      ],
    },
  },
});
