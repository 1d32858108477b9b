import { defineProblem } from '../../../src/core/Problem.ts';
import { byKubeProxyItself, byReboot, writeScript } from './steps.ts';

const saveRules = {
  text: 'Keep the rules as they are now',
  command:
    "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c '{{saveCommands}}' > iptables-{{node}}.txt",
  where: 'workstation',
} as const;

const remedy = { steps: [writeScript], check: 'kubectl kpr doctor --check leftover-iptables' } as const;
const alternatives = [{ ...byKubeProxyItself, steps: [saveRules, ...byKubeProxyItself.steps] }, byReboot] as const;

export const kpr3003 = defineProblem({
  code: 'KPR3003',
  severity: 'error',
  harm: 'now',
  layer: 'host',
  title: 'iptables rules of kube-proxy are left on a node where it no longer runs',
  brief: 'iptables rules of kube-proxy are left',
  symptom:
    'Some connections to Services are refused or go to addresses that no longer exist, mostly from the node itself and from outside, while agents and eBPF tables are right.',
  cause:
    'kube-proxy does not remove its rules when it ends. What Cilium has not translated before netfilter sees it (connections that began earlier, traffic on devices that Cilium does not serve, ports that its tables do not hold) still meets them, and they are as old as kube-proxy’s end. (The well-known iptables-save | grep -v KUBE | iptables-restore is no cure: it takes rules of the kubelet, of host ports and of network policies along, and whatever others change meanwhile.)',
  confirm:
    'iptables-save and ip6tables-save of both backends (iptables-nft-save, iptables-legacy-save) on the node list chains KUBE-SERVICES and KUBE-SVC-…, and no kube-proxy runs there. KUBE-FIREWALL, KUBE-IPTABLES-HINT and KUBE-KUBELET-CANARY are the kubelet’s and belong there.',
  variants: {
    refusing: {
      message: 'Rules that kube-proxy left ({{where}}, {{rules}}{{use}}) refuse connections to {{victims}}',
      remedy,
      alternatives,
    },
    diverting: {
      message: 'Rules that kube-proxy left ({{where}}, {{rules}}{{use}}) send elsewhere what is meant for {{victims}}',
      remedy,
      alternatives,
    },
    stale: {
      message:
        'kube-proxy’s rules are left ({{where}}, {{rules}}{{use}}) and send connections to addresses that no longer exist, e.g. {{target}}',
      remedy,
      alternatives,
    },
    live: {
      harm: 'trap',
      message:
        'kube-proxy’s rules are left ({{where}}, {{rules}}{{use}}): their targets are right today and go stale with the next change',
      remedy,
      alternatives,
    },
  },
});
