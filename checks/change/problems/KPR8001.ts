import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr preflight --change remove-kube-proxy --check kube-proxy-dispensable';

export const kpr8001 = defineProblem({
  code: 'KPR8001',
  severity: 'error',
  harm: 'trap',
  title: 'kube-proxy may not be removed yet',
  brief: 'kube-proxy may not be removed yet',
  symptom:
    'Nothing as long as kube-proxy is there. When it is removed, Services on these nodes keep working by its rules, are no longer updated, and are gone after a reboot.',
  cause:
    'An agent reads its configuration when it starts. One that has not started again since the replacement was turned on does not replace anything, and one whose table is not complete serves less than kube-proxy did.',
  confirm:
    'kubectl -n kube-system exec POD -c cilium-agent -- cilium-dbg status | grep KubeProxyReplacement, for each agent.',
  variants: {
    notRestarted: {
      message: 'The agent does not replace kube-proxy yet ({{mode}}): it has not started since that was turned on',
      remedy: {
        steps: [
          {
            text: 'Restart it, one node after the other',
            restart: 'agent',
            where: 'workstation',
            risk: 'connections through kube-proxy’s translation stay; new ones go through Cilium',
          },
        ],
        check,
      },
    },
    notReplacing: {
      message: 'The agent does not replace kube-proxy ({{mode}}), and nothing asks it to',
      remedy: {
        steps: [
          {
            text: 'Let Cilium take over first, then run this again',
            command: 'kubectl kpr preflight --change enable',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    notAfterRestart: {
      message:
        'The agent replaces kube-proxy and would not after its next start (kube-proxy-replacement: {{value}}): nobody would serve Services then',
      remedy: {
        steps: [
          {
            text: 'Turn it on permanently',
            sets: { key: 'kube-proxy-replacement', value: 'true', helm: 'kubeProxyReplacement=true' },
            where: 'workstation',
          },
        ],
        check,
      },
    },
    notAtParity: {
      message: 'The load-balancing table differs from what the API asks for in {{rows}}',
      remedy: {
        steps: [
          {
            text: 'See which rows, and what to do about them',
            command: 'kubectl kpr doctor --check tables-match --node {{node}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
