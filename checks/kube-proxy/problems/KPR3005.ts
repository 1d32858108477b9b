import { defineProblem } from '../../../src/core/Problem.ts';
import { byKubeProxyItself, byReboot, writeScript } from './steps.ts';

const listServers = {
  text: 'List the virtual servers: others (keepalived) may use IPVS, too',
  command: 'cat /proc/net/ip_vs',
  where: 'node',
} as const;

const check = 'kubectl kpr doctor --check leftover-ipvs';

export const kpr3005 = defineProblem({
  code: 'KPR3005',
  severity: 'error',
  harm: 'now',
  layer: 'host',
  title: 'IPVS state of kube-proxy is left on a node where it no longer runs',
  brief: 'IPVS state of kube-proxy is left',
  symptom:
    'ClusterIPs are answered by the node itself or lead nowhere. Agents may take kube-ipvs0 for a device, and its addresses for their own.',
  cause:
    'In ipvs mode kube-proxy puts the address of every Service on the dummy link kube-ipvs0 and enters virtual servers into the kernel. It removes neither when it ends, so the kernel still treats these addresses as its own.',
  confirm: 'On the node: ip address show kube-ipvs0; cat /proc/net/ip_vs; ipset list -n | grep ^KUBE-',
  variants: {
    dummyLink: {
      message:
        'kube-ipvs0 is left with {{addresses}}, {{servers}} and {{sets}}: the kernel treats the addresses of Services as its own',
      remedy: {
        steps: [writeScript],
        check,
      },
      alternatives: [
        byKubeProxyItself,
        {
          title: 'remove the link by hand',
          steps: [
            listServers,
            {
              text: 'Remove the link',
              command: 'ip link delete kube-ipvs0',
              where: 'node',
              risk: 'connections that IPVS still carries break',
            },
          ],
        },
        byReboot,
      ],
    },
    virtualServers: {
      message:
        'IPVS still holds {{servers}} for Services: connections that reach the kernel’s table go to old backends',
      remedy: {
        steps: [listServers, writeScript],
        check,
      },
      alternatives: [byKubeProxyItself, byReboot],
    },
    ipsets: {
      severity: 'warning',
      harm: 'note',
      message: '{{sets}} of kube-proxy’s ipvs mode are left; alone they do nothing',
      remedy: {
        steps: [writeScript],
        check,
      },
      alternatives: [byKubeProxyItself, byReboot],
    },
  },
});
