import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr9003 = defineProblem({
  code: 'KPR9003',
  severity: 'warning',
  harm: 'trap',
  title: 'The answer of a program was not understood',
  brief: 'a program’s answer was not understood',
  symptom: 'Checks that need the answer are unknown.',
  cause:
    'The program printed something in a form that is not known here: a version newer than this tool, a changed build, or output that was cut off.',
  confirm: 'Run the command of the evidence and look at what it prints.',
  variants: {
    answer: {
      message: 'What `{{command}}` printed was not understood',
      remedy: {
        steps: [
          {
            text: 'See what it prints',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bash -c {{command}}',
            where: 'workstation',
          },
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    failed: {
      message: '`{{command}}` failed, for a reason that is not known here',
      remedy: {
        steps: [
          {
            text: 'See what it says',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bash -c {{command}}',
            where: 'workstation',
          },
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    elsewhere: {
      message: 'What {{what}} printed was not understood',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Run the command of the evidence and look at what it prints',
            where: 'workstation',
          },
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    inLittle: {
      message:
        'What the node says of its load-balancing maps in little contradicts itself ({{why}}); all of them were asked for, and compared',
      remedy: {
        steps: [
          {
            text: 'Look at the node’s other findings; keep what it prints, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    rows: {
      message: '{{rows}} of the load-balancing table not understood ({{why}}); all else was compared',
      remedy: {
        steps: [
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    object: {
      message: 'An object of {{document}} is not shaped as the API defines it and was left out: {{object}} ({{why}})',
      remedy: {
        steps: [
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    objects: {
      message:
        '{{count}} objects of {{document}} are not shaped as the API defines them and were left out, e.g. {{object}} ({{why}})',
      remedy: {
        steps: [
          {
            text: 'Keep the raw text, which a later version of this tool can examine',
            command: 'kubectl kpr capture -o unread.kpr',
            where: 'workstation',
          },
        ],
      },
    },
    document: {
      message: 'What the API said about {{document}} was not understood',
      remedy: {
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
});
