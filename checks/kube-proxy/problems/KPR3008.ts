import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr3008 = defineProblem({
  code: 'KPR3008',
  severity: 'warning',
  harm: 'now',
  layer: 'host',
  title: 'UDP clients still use backends that kube-proxy once chose and that are gone',
  brief: 'UDP clients still use backends that are gone',
  symptom:
    'A few clients time out for hours (DNS, QUIC, syslog, statsd) although Service, backends and eBPF tables are right; those that were restarted work.',
  cause:
    'Taking kube-proxy’s rules away does not touch connections that the kernel has already translated. TCP notices that its other end is gone; a UDP client that keeps sending from the same port keeps the entry alive forever, and with it the old backend.',
  confirm:
    'On the node, conntrack -L -p udp (or /proc/net/nf_conntrack, where the kernel has it): an entry whose first dst= is an address of a Service and whose second src= is none of its endpoints. Where kernels do not show the file and no rule of kube-proxy is left, this is not judged.',
  variants: {
    udp: {
      message:
        'Still translated by kube-proxy to {{backends}}, which is no endpoint any more: {{clients}} of {{services}}',
      remedy: {
        steps: [
          {
            text: 'When no rules of kube-proxy are left there, let the node forget these entries, with the program conntrack (package conntrack or conntrack-tools): the next packet is Cilium’s to translate',
            command: "sh -c '{{deletions}}'",
            where: 'node',
          },
          {
            decision: true,
            text: 'Restart the clients that time out even then: Cilium does not translate for a socket of the node that was connected before it took over',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check stale-conntrack',
      },
    },
  },
});
