import { defineProblems } from '../Problem.ts';

export const examinationProblems = defineProblems({
  KPR9001: {
    severity: 'error',
    title: 'You may not read something that a check needs',
    phases: ['doctor', 'verify', 'preflight'],
    symptom: 'Checks are unknown, with the reason that something is forbidden.',
    cause:
      'The API server refused a request of this run: no role of yours allows it. Only reading is ever asked for: get, list, and exec of reading commands.',
    confirm: '`kubectl auth can-i --list` shows what you may do.',
    variants: {
      collection: {
        message: 'You may not {{verb}} {{resource}}',
        steps: [
          {
            text: 'Let an administrator make a role that allows it',
            command: 'kubectl create clusterrole {{role}} --verb=get,list --resource={{resource}}',
            where: 'workstation',
          },
          {
            text: 'And give it to you (put your user name in place of USER; kubectl auth whoami shows it)',
            command: 'kubectl create clusterrolebinding {{role}} --clusterrole={{role}} --user=USER',
            where: 'workstation',
          },
        ],
        check: 'kubectl auth can-i {{verb}} {{resource}} --all-namespaces',
        undo: 'kubectl delete clusterrolebinding/{{role}} clusterrole/{{role}}',
      },
      object: {
        message: 'You may not read the object {{object}} ({{resource}})',
        steps: [
          {
            text: 'Let an administrator make a role that allows to get this one object',
            command:
              'kubectl create clusterrole {{role}} --verb=get --resource={{resource}} --resource-name={{object}}',
            where: 'workstation',
          },
          {
            text: 'And give it to you (put your user name in place of USER; kubectl auth whoami shows it)',
            command: 'kubectl create clusterrolebinding {{role}} --clusterrole={{role}} --user=USER',
            where: 'workstation',
          },
        ],
        check: 'kubectl auth can-i get {{resource}}/{{object}} --all-namespaces',
        undo: 'kubectl delete clusterrolebinding/{{role}} clusterrole/{{role}}',
      },
      exec: {
        message: 'You may not run commands in agent pods, so these nodes are not examined',
        steps: [
          {
            text: 'Let an administrator make a role for exec in Cilium’s namespace; newer clients use create, older ones get',
            command: 'kubectl -n {{namespace}} create role kubectl-kpr-exec --verb=get,create --resource=pods/exec',
            where: 'workstation',
            risk: 'agents are privileged: who may exec there is root on every node',
          },
          {
            text: 'And give it to you (put your user name in place of USER; kubectl auth whoami shows it)',
            command: 'kubectl -n {{namespace}} create rolebinding kubectl-kpr-exec --role=kubectl-kpr-exec --user=USER',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} auth can-i create pods/exec',
        undo: 'kubectl -n {{namespace}} delete rolebinding/kubectl-kpr-exec role/kubectl-kpr-exec',
      },
    },
  },
  KPR9002: {
    severity: 'warning',
    title: 'A node could not be read',
    phases: ['doctor', 'verify', 'preflight'],
    symptom: 'Every check of this node is unknown. Nothing is known of it, neither good nor bad.',
    cause:
      'The agent pod looks well, but running a command in it failed: the way from the API server to the kubelet is broken (port 10250, a proxy or konnectivity in between), or the kubelet or the container runtime hangs.',
    confirm: 'kubectl exec in the agent pod fails in the same way.',
    variants: {
      timeout: {
        message: 'The node did not answer in time ({{detail}}); nothing is known of it',
        steps: [
          {
            text: 'Try the same by hand',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- uname -r',
            where: 'workstation',
          },
          {
            text: 'If that works but is slow, allow more time',
            command: 'kubectl kpr doctor --node {{node}} --timeout 60s',
            where: 'workstation',
          },
          {
            text: 'If it hangs, look at kubelet and the container runtime',
            command: 'journalctl -u kubelet -u containerd --since -15min',
            where: 'node',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
      unreachable: {
        message: 'Commands can’t be run on the node ({{detail}}); nothing is known of it',
        steps: [
          {
            text: 'Try the same by hand',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- uname -r',
            where: 'workstation',
          },
          {
            text: 'See whether the API server reaches the kubelet at all',
            command: 'kubectl get --raw /api/v1/nodes/{{node}}/proxy/healthz',
            where: 'workstation',
          },
          { text: 'Look at the kubelet', command: 'journalctl -u kubelet --since -15min', where: 'node' },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
      notInArchive: {
        message: 'The archive holds nothing of this node ({{detail}})',
        steps: [
          {
            text: 'Collect again while the node answers',
            command: 'kubectl kpr capture -o again.kpr',
            where: 'workstation',
          },
        ],
      },
    },
  },
  KPR9003: {
    severity: 'warning',
    title: 'The answer of a program was not understood',
    phases: ['doctor', 'verify', 'preflight'],
    symptom: 'Checks that need the answer are unknown.',
    cause:
      'The program printed something in a form that is not known here: a version newer than this tool, a changed build, or output that was cut off.',
    confirm: 'Run the command of the evidence and look at what it prints.',
    variants: {
      answer: {
        message: 'What `{{command}}` printed was not understood',
        steps: [
          {
            text: 'See what it prints',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- {{command}}',
            where: 'workstation',
          },
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
      failed: {
        message: '`{{command}}` failed, for a reason that is not known here',
        steps: [
          {
            text: 'See what it says',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- {{command}}',
            where: 'workstation',
          },
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
      rows: {
        message: '{{count}} rows of the load-balancing table were not understood ({{why}}); the others were compared',
        steps: [
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
      object: {
        message: 'An object of {{document}} is not shaped as the API defines it and was left out: {{object}} ({{why}})',
        steps: [
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
      document: {
        message: 'What the API said about {{document}} was not understood',
        steps: [
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
  },
  KPR9004: {
    severity: 'info',
    title: 'Cilium’s version is outside the range that this tool knows',
    phases: ['doctor', 'verify', 'preflight'],
    symptom: 'Some checks may be unknown or may misjudge details.',
    cause: 'Rules, defaults and outputs differ between versions of Cilium; this tool knows those of 1.16 to 1.20.',
    confirm: 'kubectl exec in an agent: cilium-dbg version.',
    variants: {
      older: {
        message: 'Cilium {{version}} is older than 1.16, the oldest version that is known here',
        steps: [
          { text: 'Take findings as hints, and confirm each by its evidence before you act', where: 'workstation' },
        ],
      },
      newer: {
        message: 'Cilium {{version}} is newer than 1.20, the newest version that is known here',
        steps: [
          {
            text: 'Look for a newer version of this tool; until then confirm each finding by its evidence before you act',
            where: 'workstation',
          },
        ],
      },
    },
  },
});
