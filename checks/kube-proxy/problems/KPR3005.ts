import { defineProblem } from '../../../src/core/Problem.ts';
import { cleanUp, reboot, writeScript } from './steps.ts';

export const kpr3005 = defineProblem({
  code: 'KPR3005',
  severity: 'error',
  title: 'IPVS state of kube-proxy is left on a node where it no longer runs',
  symptom:
    'ClusterIPs are answered by the node itself or lead nowhere. Agents may take kube-ipvs0 for a device, and its addresses for their own.',
  cause:
    'In ipvs mode kube-proxy puts the address of every Service on the dummy link kube-ipvs0 and enters virtual servers into the kernel. It removes neither when it ends, so the kernel goes on to treat these addresses as its own.',
  confirm: 'On the node: ip address show kube-ipvs0; cat /proc/net/ip_vs; ipset list -n | grep ^KUBE-',
  variants: {
    dummyLink: {
      message:
        'kube-ipvs0 is left with {{addresses}}, {{servers}} and {{sets}}: the kernel takes the addresses of Services for its own',
      steps: [
        writeScript,
        cleanUp,
        {
          text: 'Or by hand: list the virtual servers first, because others (keepalived) may use IPVS, too',
          command: 'cat /proc/net/ip_vs',
          where: 'node',
        },
        {
          text: 'Remove the link',
          command: 'ip link delete kube-ipvs0',
          where: 'node',
          risk: 'connections that IPVS still carries break',
        },
        reboot,
      ],
      check: 'kubectl kpr doctor --check leftover-ipvs',
    },
    virtualServers: {
      message:
        'IPVS still holds {{servers}} for Services: connections that reach the kernel’s table go to old backends',
      steps: [
        { text: 'List them: others (keepalived) may use IPVS, too', command: 'cat /proc/net/ip_vs', where: 'node' },
        writeScript,
        cleanUp,
        reboot,
      ],
      check: 'kubectl kpr doctor --check leftover-ipvs',
    },
    ipsets: {
      severity: 'warning',
      message: '{{sets}} of kube-proxy’s ipvs mode are left; alone they do nothing',
      steps: [writeScript, cleanUp, reboot],
      check: 'kubectl kpr doctor --check leftover-ipvs',
    },
  },
});
