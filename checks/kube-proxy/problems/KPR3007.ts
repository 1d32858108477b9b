import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr3007 = defineProblem({
  code: 'KPR3007',
  severity: 'warning',
  harm: 'trap',
  layer: 'host',
  title: 'Something else relies on kube-proxy’s chains',
  brief: 'something relies on kube-proxy’s chains',
  symptom:
    'After kube-proxy and its chains are gone, something that is not a Service breaks: host ports of another CNI plugin are not reached from the node or answered with the wrong address, a firewall script ends with an error, a DNS cache is not asked any more.',
  cause:
    'Chains of kube-proxy are used by others, above all KUBE-MARK-MASQ, into which the CNI plugin portmap and firewall scripts lead what is to be masqueraded. Nobody but kube-proxy (and kubelets up to 1.26) keeps these chains.',
  confirm: 'iptables-save -t nat | grep -e "-j KUBE-" | grep -v "^-A KUBE-" shows who leads into them.',
  variants: {
    chains: {
      message: 'Rules in {{chains}} lead into chains of kube-proxy ({{targets}}) and lose them when it is removed',
      remedy: {
        steps: [
          {
            text: 'For chains CNI-…: turn the plugin portmap off where Cilium serves host ports itself (kube-proxy replacement does), or let portmap mark by itself: no externalSetMarkChain in its configuration',
            command: 'grep -r externalSetMarkChain /etc/cni/net.d',
            where: 'node',
          },
          {
            decision: true,
            text: 'For others: let them masquerade by rules of their own before kube-proxy is removed',
            where: 'node',
          },
        ],
      },
    },
    nodeLocalDns: {
      message:
        'The DNS cache {{what}} takes over {{addresses}} on its nodes, which works only with kube-proxy’s iptables mode: Cilium translates this address before the cache sees it',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Run it without hostNetwork, with -skipteardown=true -setupinterface=false -setupiptables=false, and send cluster DNS to it with a CiliumLocalRedirectPolicy (Helm: localRedirectPolicies.enabled=true)',
            where: 'workstation',
          },
        ],
      },
    },
    deadMark: {
      harm: 'now',
      message:
        'Rules in {{chains}} lead into {{targets}}, but what is marked there is no longer masqueraded: kube-proxy’s part of it is gone',
      remedy: {
        steps: [
          {
            text: 'For chains CNI-…: turn the plugin portmap off where Cilium serves host ports itself (kube-proxy replacement does), or let portmap mark by itself: no externalSetMarkChain in its configuration; then restart the pods with host ports',
            command: 'grep -r externalSetMarkChain /etc/cni/net.d',
            where: 'node',
          },
          { decision: true, text: 'For others: let them masquerade by rules of their own', where: 'node' },
        ],
        check: 'kubectl kpr doctor --check nothing-misses-kube-proxy',
      },
    },
    staleChain: {
      message:
        'Rules in {{chains}} lead into chains that kube-proxy left ({{targets}}): nobody keeps these up to date, and they can’t be removed as long as that is so',
      remedy: {
        steps: [
          {
            text: 'See who writes these rules, and change it there: Services are reached by their addresses, not by chains',
            command:
              "kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- sh -c 'iptables-nft-save; iptables-legacy-save'",
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check nothing-misses-kube-proxy',
      },
    },
  },
});
