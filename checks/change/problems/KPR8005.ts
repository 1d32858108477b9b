import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr preflight --change remove-kube-proxy --check clean-up-safe';

export const kpr8005 = defineProblem({
  code: 'KPR8005',
  severity: 'warning',
  harm: 'trap',
  layer: 'host',
  title: 'The clean-up of kube-proxy’s rules has hazards on this node',
  brief: 'the clean-up of kube-proxy’s rules has hazards',
  symptom:
    'When kube-proxy’s rules are removed, replies of pods are dropped, a rule of somebody else stays without what it leads to, or nobody reaches the node any more.',
  cause:
    'Others lean on kube-proxy’s chains: a FORWARD chain that drops lets replies pass by KUBE-FORWARD alone, and the kernel keeps a chain that a rule of somebody else leads to.',
  confirm: 'On the node, iptables-save | grep -e FORWARD -e KUBE-.',
  variants: {
    forward: {
      message:
        'FORWARD of {{command}} drops what nobody accepts, and only KUBE-FORWARD lets replies pass: cleanup will refuse to take it away',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let what is to be forwarded pass by a rule of your own, or by the policy, before kube-proxy is removed',
            command: '{{command}} -P FORWARD ACCEPT',
            where: 'node',
          },
        ],
        check,
      },
    },
    jump: {
      message:
        'A rule that is not kube-proxy’s leads into a chain of kube-proxy’s ({{command}}, table {{table}}): {{rule}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'See who writes it, and take it out there: cleanup leaves that chain, and what it needs',
            where: 'node',
          },
        ],
        check,
      },
    },
    kernel: {
      message:
        'Kernel {{kernel}}: on RHEL 8.10 all sessions to a node broke when the first rule of kube-proxy was removed, until the node was reset',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take a newer kernel of this distribution first, or drain each node before its rules are removed, and make sure that you can reset it',
            where: 'node',
          },
        ],
        check,
      },
    },
  },
});
