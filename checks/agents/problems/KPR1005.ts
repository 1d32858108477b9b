import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent, restartAll, startAnew } from './steps.ts';

const endsAtStart = {
  deeds: ['restartAgent', 'rebootNode'],
  why: 'an agent that starts does not accept its configuration, and exits at once',
} as const;

const checkStart = 'kubectl kpr doctor --check agents-would-start';

export const kpr1005 = defineProblem({
  code: 'KPR1005',
  severity: 'warning',
  harm: 'trap',
  title: 'The configuration changed after the agents started',
  brief: 'agents run with an older configuration than is set now',
  symptom:
    'A change was made and looks done, but nodes do not behave differently; or one node does, because its agent happened to restart.',
  cause:
    'An agent reads its configuration when its pod starts. Without rollOutCiliumPods a change of cilium-config restarts nobody.',
  confirm: 'Compare the files in /tmp/cilium/config-map of an agent with the ConfigMap cilium-config.',
  variants: {
    changed: {
      message: 'The agent started before these keys were changed: {{keys}}',
      remedy: {
        steps: [
          {
            text: 'See that the new values are meant',
            command: 'kubectl -n {{namespace}} get configmap cilium-config -o yaml',
            where: 'workstation',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check config-current',
      },
    },
    helmName: {
      brief: 'the configuration holds names that agents do not know',
      message:
        'cilium-config or a CiliumNodeConfig holds {{keys}}: names of Helm values, which are no options of agents and have no effect, after a restart neither',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take them out, and set the same by Helm (helm upgrade --set), or by the name that agents have for it; a CiliumNodeConfig is edited likewise',
            command: 'kubectl -n {{namespace}} edit configmap cilium-config',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check config-current',
      },
    },
    strayNodeConfig: {
      brief: 'a CiliumNodeConfig is where no agent reads it',
      message:
        '{{configs}}: agents read CiliumNodeConfigs in their own namespace alone ({{namespace}}), so that it has no effect',
      remedy: {
        steps: [
          {
            text: 'See what it is to set, and on which nodes',
            command: 'kubectl -n {{objectNamespace}} get ciliumnodeconfig {{objectName}} -o yaml',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'If it is meant, make it in {{namespace}} (agents that start then obey it: try it on one node); in either case take away the one that nobody reads',
            command: 'kubectl -n {{objectNamespace}} delete ciliumnodeconfig {{objectName}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check config-there',
      },
    },
    counted: {
      message: 'The agent itself counts {{count}} keys that differ from what it started with',
      remedy: {
        steps: [
          {
            text: 'See which: the agent logs each',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -i drift',
            where: 'workstation',
          },
          restartAgent,
          restartAll,
        ],
        check:
          'kubectl -n {{namespace}} exec ds/{{agentDaemonSet}} -c cilium-agent -- cilium-dbg metrics list -p drift_checker',
      },
    },
    refused: {
      brief: 'agents would not start again',
      severity: 'error',
      message:
        'An agent that starts now exits at once: {{key}} is set to {{value}}, which {{why}}; those that run started with {{started}}',
      endangers: endsAtStart,
      remedy: {
        steps: [
          {
            text: 'Set it back to what agents accept, before one of them restarts',
            sets: { key: '{{key}}', value: '{{started}}' },
            where: 'workstation',
            risk: 'a later Helm upgrade writes the value of the release again: correct it there, too',
          },
          startAnew,
        ],
        check: checkStart,
      },
    },
    refusedUnset: {
      brief: 'agents would not start again',
      severity: 'error',
      message: 'An agent that starts now exits at once: {{key}} is set to {{value}}, which {{why}}',
      endangers: endsAtStart,
      remedy: {
        steps: [
          {
            text: 'Take the setting back, so that the default counts',
            sets: { key: '{{key}}', value: null },
            where: 'workstation',
            risk: 'a later Helm upgrade writes the value of the release again: correct it there, too',
          },
          startAnew,
        ],
        check: checkStart,
      },
    },
    nobodyServes: {
      brief: 'nobody would serve Services after the agents’ next start',
      severity: 'error',
      message:
        'The agent replaces kube-proxy, but would not after its next start: kube-proxy-replacement is no longer true, and no kube-proxy runs here, so nobody would serve Services',
      endangers: {
        deeds: ['restartAgent', 'rebootNode'],
        why: 'an agent that starts would no longer replace kube-proxy, and nobody else is there',
      },
      remedy: {
        steps: [
          {
            text: 'Set it to true again, before an agent restarts',
            sets: { key: 'kube-proxy-replacement', value: 'true', helm: 'kubeProxyReplacement=true' },
            where: 'workstation',
          },
        ],
        check: checkStart,
      },
      alternatives: [
        {
          title: 'if kube-proxy is to come back',
          steps: [
            {
              decision: true,
              text: 'Install it first, by the distribution’s means, and wait until it runs on every node; restart agents then',
              where: 'workstation',
            },
          ],
          check: checkStart,
        },
      ],
    },
    configGone: {
      brief: 'the configuration of the agents is gone',
      severity: 'error',
      message:
        'ConfigMap cilium-config is gone: agents that run go on with what they read at their start, and one that starts now takes the defaults, without kube-proxy replacement',
      endangers: {
        deeds: ['restartAgent', 'restartAllAgents', 'rebootNode'],
        why: 'an agent that starts finds no configuration, and would not replace kube-proxy',
      },
      remedy: {
        steps: [
          {
            text: 'Fetch what an agent runs with, into a folder',
            command:
              "mkdir cilium-config && kubectl -n {{namespace}} exec ds/{{agentDaemonSet}} -c cilium-agent -- tar -C /tmp/cilium/config-map/..data --exclude='config-sources*' -cf - . | tar -C cilium-config -xf -",
            where: 'workstation',
          },
          {
            text: 'See that it replaces kube-proxy (one that started since has the defaults: fetch it from another agent then), and that nothing in it is for one node alone (by a CiliumNodeConfig)',
            command: 'grep -x true cilium-config/kube-proxy-replacement && kubectl get ciliumnodeconfigs -A -o yaml',
            where: 'workstation',
          },
          {
            text: 'Make the ConfigMap of it',
            command: 'kubectl -n {{namespace}} create configmap cilium-config --from-file=cilium-config',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check config-there,agents-would-start,config-current',
      },
      alternatives: [
        {
          title: 'if Helm installed Cilium: make anew what is missing of its release',
          steps: [
            {
              decision: true,
              text: 'Fill in the release (helm list -A). What is there, it complains of and leaves alone',
              command: 'helm -n {{namespace}} get manifest RELEASE | kubectl create -f -',
              where: 'workstation',
            },
          ],
        },
      ],
    },
    servicesLeft: {
      brief: 'most Services would be left unserved after the agents’ next start',
      severity: 'error',
      message: `After its next start the agent serves only Services that are labelled service.kubernetes.io/service-proxy-name={{name}} (k8s-service-proxy-name), which {{services}} are not, and no kube-proxy runs here`,
      endangers: {
        deeds: ['restartAgent', 'rebootNode'],
        why: 'an agent that starts would no longer serve Services without a label, and nobody else is there',
      },
      remedy: {
        steps: [
          {
            text: 'Take the setting back, before an agent restarts',
            sets: { key: 'k8s-service-proxy-name', value: null, helm: 'k8s.serviceProxyName=' },
            where: 'workstation',
          },
        ],
        check: checkStart,
      },
    },
    operator: {
      severity: 'info',
      harm: 'note',
      message: 'Keys that only the operator reads were changed: {{keys}}; agents need no restart, the operator may',
      remedy: {
        steps: [
          {
            text: 'Restart the operator, unless it was restarted since',
            command: 'kubectl -n {{namespace}} rollout restart deployment {{operator}}',
            where: 'workstation',
            risk: 'the datapath does not depend on it; new nodes and identities wait for seconds',
          },
        ],
        check: 'kubectl -n {{namespace}} rollout status deployment {{operator}}',
      },
    },
  },
});
