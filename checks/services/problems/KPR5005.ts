import { defineProblem } from '../../../src/core/Problem.ts';

const removeAnnotation = {
  text: 'Remove it',
  command: 'kubectl -n {{objectNamespace}} annotate service {{objectName}} {{key}}-',
  where: 'workstation',
} as const;

const removeFrom = {
  text: 'Remove it',
  command: 'kubectl -n {{objectNamespace}} annotate {{kind}} {{objectName}} {{key}}-',
  where: 'workstation',
} as const;

const check = 'kubectl kpr doctor --check service-annotations';

export const kpr5005 = defineProblem({
  code: 'KPR5005',
  severity: 'warning',
  harm: 'now',
  layer: 'api',
  title: 'An annotation of a Service has no effect, or another one than its author meant',
  brief: 'a Service’s annotation does not do what it says',
  symptom:
    'A Service behaves as if it had no annotation: it is open on more nodes or kinds of addresses than meant, or balanced in another way.',
  cause:
    'Cilium ignores keys that it does not know and values that it cannot use: at most a line in the agents’ logs says so. Some annotations count only with a switch of the installation, or together with another annotation.',
  confirm:
    'cilium-dbg status --verbose in an agent lists under Annotations what it honours; its log says Ignoring annotation, or Ignoring node service exposure.',
  harmsOnlyItsObjects: true,
  variants: {
    unknownKey: {
      message: 'Cilium does not read the annotation {{key}} ({{objectCount}}){{hint}}',
      remedy: {
        steps: [removeAnnotation],
        check,
      },
    },
    invalidValue: {
      message: '{{key}}: "{{value}}" is not valid ({{objectCount}}), so {{otherwise}}; valid is {{valid}}',
      remedy: {
        steps: [
          {
            text: 'Write it as {{near}}, which is likely meant',
            command: 'kubectl -n {{objectNamespace}} annotate --overwrite {{kind}} {{objectName}} {{key}}={{near}}',
            where: 'workstation',
          },
        ],
        check,
      },
      alternatives: [{ title: 'remove it: without it nothing changes', steps: [removeFrom], check }],
    },
    uselessValue: {
      message: '{{key}}: "{{value}}" is not valid ({{objectCount}}), so {{otherwise}}; valid is {{valid}}',
      remedy: {
        steps: [
          {
            ...removeFrom,
            text: 'Remove it, which changes nothing, or set a valid value where something else is meant',
          },
        ],
        check,
      },
    },
    switchOff: {
      message: '{{key}} has no effect ({{objectCount}}): this installation does not have {{helm}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Set the Helm value {{helm}}, which restarts the agents; or remove the annotation, as follows',
            where: 'workstation',
          },
          removeAnnotation,
        ],
        check,
      },
    },
    notHonoured: {
      message: '{{key}} has no effect ({{objectCount}}): the agents ({{version}}) do not honour it',
      remedy: {
        steps: [removeAnnotation],
        check,
      },
    },
    withoutGlobal: {
      message: '{{key}} has no effect ({{objectCount}}): it counts only together with service.cilium.io/global: "true"',
      remedy: {
        steps: [
          {
            text: 'Make the Service global, or remove the annotation with {{key}}- instead',
            command: 'kubectl -n {{objectNamespace}} annotate service {{objectName}} service.cilium.io/global=true',
            where: 'workstation',
            risk: 'other clusters of the mesh then send traffic to it',
          },
        ],
        check,
      },
    },
    wrongObject: {
      message: '{{key}} belongs on {{right}}, and does nothing on {{objectCount}}',
      remedy: {
        steps: [
          {
            text: 'Remove it, and set it where it belongs',
            command: 'kubectl -n {{objectNamespace}} annotate {{kind}} {{objectName}} {{key}}-',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    asLabel: {
      message: '{{key}} is set as a label ({{objectCount}}), and Cilium reads it as an annotation',
      remedy: {
        steps: [
          {
            text: 'Set it as an annotation',
            command: 'kubectl -n {{objectNamespace}} annotate service {{objectName}} {{key}}={{value}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    noNodeMatches: {
      brief: 'an annotation keeps a Service off every node',
      message: '{{key}} ({{value}}) keeps {{service}} off every node: none has such a label, and nobody serves it',
      remedy: {
        steps: [
          {
            text: 'See which labels nodes have',
            command: 'kubectl get nodes --show-labels',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Label the nodes that are to serve it; or take the annotation away, and every node does',
            command: 'kubectl -n {{objectNamespace}} annotate service {{objectName}} {{key}}-',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    noAddressLeft: {
      brief: 'an annotation leaves a Service without an address',
      message:
        '{{key}} ({{value}}) lets addresses through that {{service}} does not have, and no others: nobody serves it',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take the annotation away, and its other addresses are served, too; or give the Service the type that is meant',
            command: 'kubectl -n {{objectNamespace}} annotate service {{objectName}} {{key}}-',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    nodeAnnotation: {
      message:
        'service.cilium.io/node is an annotation of {{objectCount}}, and Services are matched with the label of that name',
      remedy: {
        steps: [
          {
            text: 'Set it as a label',
            command: 'kubectl label node {{objectName}} service.cilium.io/node={{value}}',
            where: 'workstation',
            risk: 'Services that ask for this label are opened on the node',
          },
        ],
        check,
      },
    },
  },
});
