import { defineProblem } from '../../../src/core/Problem.ts';
import { byReboot, writeScript } from './steps.ts';

export const kpr3004 = defineProblem({
  code: 'KPR3004',
  severity: 'error',
  harm: 'now',
  layer: 'host',
  title: 'nftables tables of kube-proxy are left on a node where it no longer runs',
  brief: 'nftables tables of kube-proxy are left',
  symptom:
    'Connections to Services are refused, dropped or go to addresses that no longer exist, and iptables-save shows no rule that would explain it.',
  cause:
    'In nftables mode kube-proxy writes tables of its own (ip kube-proxy and ip6 kube-proxy) and does not remove them when it ends. iptables-save cannot see them. Besides old backends they hold a check that drops what goes to addresses of the Service range which were not in use when kube-proxy ended: Services made since then suffer wherever Cilium does not translate first.',
  confirm:
    'On the node, nft list tables (or, in the agent’s pod, which has no nft, perl’s netlink: see the evidence). Where an agent’s image has neither, the result is unknown; kubectl debug with kube-proxy’s image has nft, and --allow-unknown leftover-nftables lets verify pass without it.',
  variants: {
    tables: {
      message:
        'kube-proxy’s nftables tables are left ({{tables}}): invisible to iptables-save, they still translate and drop as they did when it ended',
      remedy: {
        steps: [writeScript],
        check: 'kubectl kpr doctor --check leftover-nftables',
      },
      alternatives: [
        {
          title: 'delete the tables by hand',
          steps: [
            {
              text: 'Keep the tables as they are now',
              command:
                "kubectl debug node/{{node}} --profile=sysadmin -i --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- nft '{{list}}' > kube-proxy-{{node}}.nft",
              where: 'workstation',
            },
            {
              text: 'Delete them: nothing else is in these tables, and each is deleted as a whole',
              command:
                "kubectl debug node/{{node}} --profile=sysadmin -it --image=registry.k8s.io/kube-proxy:{{proxyVersion}} -- nft '{{delete}}'",
              where: 'workstation',
              risk: 'connections that they still translate break',
            },
          ],
        },
        byReboot,
      ],
    },
  },
});
