import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAll } from '../../agents/problems/steps.ts';

const check = 'kubectl kpr doctor --check frontends-backed';

const checkTopology = 'kubectl kpr doctor --check topology-honoured';

const editService = 'kubectl -n {{objectNamespace}} edit service {{objectName}}';

const nameServers = {
  decision: true,
  text: 'Let the endpoints be the pods or servers themselves: by a selector, or by their addresses in the EndpointSlice; where a second name is all that is meant, an ExternalName does it',
  command: 'kubectl -n {{objectNamespace}} get endpointslices -l kubernetes.io/service-name={{objectName}} -o yaml',
  where: 'workstation',
} as const;

export const kpr5009 = defineProblem({
  code: 'KPR5009',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'Ports, family, source ranges or labels leave a Service without frontends or backends',
  brief: 'a Service has no frontends or no backends',
  symptom:
    'Connections to the Service, or to one of its addresses, are refused or time out, although its pods are ready.',
  cause:
    'The Service and its EndpointSlices do not meet: names, protocols or families of their ports and addresses differ, nobody is in the source ranges, or a label or setting keeps Cilium from it. The agent’s table is right by what it was told.',
  confirm:
    'kubectl -n NAMESPACE get service NAME -o yaml beside kubectl -n NAMESPACE get endpointslices -l kubernetes.io/service-name=NAME -o yaml: ports by name and protocol, addressType, labels.',
  harmsOnlyItsObjects: true,
  variants: {
    portName: {
      message:
        '{{services}}: the port of the Service is called {{asked}}, those of its ready endpoints {{offered}}: {{frontends}} leads nowhere',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give both the same name: in the EndpointSlice, if a person or a controller of your own writes it, else in the Service',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    endpointIsService: {
      message:
        '{{service}}: its endpoint {{address}} is the ClusterIP of {{other}}: what was translated once is not translated again, and connections that get it are lost',
      remedy: { steps: [nameServers], check },
    },
    endpointIsFrontend: {
      severity: 'warning',
      message:
        '{{service}}: its endpoint {{address}} is {{what}}: what was translated once is not translated again, so connections that no other machine translates on their way are lost',
      remedy: { steps: [nameServers], check },
    },
    onlyNames: {
      severity: 'warning',
      message:
        '{{services}}: its endpoints are names (addressType FQDN), of which agents make nothing: {{frontends}} leads nowhere',
      remedy: { steps: [nameServers], check },
    },
    noSuchPort: {
      message:
        '{{services}}: pods are ready, and none of them has a port of the name that targetPort gives: {{frontends}} leads nowhere',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let targetPort be the number or the name of a port of the pods (containers[].ports[].name)',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    protocol: {
      message:
        '{{services}}: the Service asks for {{asked}}, its ready endpoints offer {{offered}}: {{frontends}} leads nowhere',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let the protocol of the Service’s port be that of the endpoints',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    family: {
      severity: 'warning',
      message:
        '{{services}}: {{frontends}} is {{family}}, and the ready endpoints are {{offered}}: it has no backend, while addresses of the other family are served',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Add the family to spec.ipFamilies (with ipFamilyPolicy PreferDualStack), if pods have such addresses; else take this address away, e.g. from the pool that gave it',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    familyOff: {
      severity: 'warning',
      message: '{{services}}: {{frontends}} is {{family}}, which the agents do not serve ({{key}} is off)',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take this address away, or serve the family: that needs addresses of it on nodes and pods, and agents that restart with it',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    noRange: {
      message: '{{services}}: none of loadBalancerSourceRanges is {{family}}, so nobody may connect to {{frontends}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Add the {{family}} ranges of those who may connect',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    deniesAll: {
      message:
        '{{services}}: the ranges that are denied hold every {{family}} address: nobody may connect to {{frontends}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take the range that ends in /0 away, or the annotation service.cilium.io/src-ranges-policy that turns ranges round',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    otherProxy: {
      severity: 'info',
      harm: 'note',
      message:
        '{{services}}: the label service.kubernetes.io/service-proxy-name ({{label}}) leaves it to another proxy, so Cilium does not serve it',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'If no such proxy runs, remove the label, and Cilium serves it',
            command:
              'kubectl -n {{objectNamespace}} label service {{objectName}} service.kubernetes.io/service-proxy-name-',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    notThisProxy: {
      message:
        '{{services}}: the agents serve only Services that are labelled service.kubernetes.io/service-proxy-name={{wanted}} (k8s-service-proxy-name), which these are not',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Empty the Helm value k8s.serviceProxyName, unless another proxy serves the others; or label those that Cilium is to serve',
            command:
              'kubectl -n {{objectNamespace}} label service {{objectName}} service.kubernetes.io/service-proxy-name={{wanted}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    headless: {
      severity: 'warning',
      message: '{{services}}: it is headless, so nobody serves its address {{frontends}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Remove the label service.kubernetes.io/headless, or, where clusterIP is None, the external address',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    zone: {
      message:
        '{{services}}: topology hints leave the zone {{zone}} without a ready endpoint, so {{frontends}} leads nowhere there',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Run a ready endpoint in that zone, or take the hints away (trafficDistribution, or the annotation service.kubernetes.io/topology-mode)',
            command: editService,
            where: 'workstation',
          },
        ],
        check,
      },
    },
    topologyOff: {
      severity: 'warning',
      harm: 'trap',
      message:
        '{{services}}: {{asked}} is ignored, because the agents do not look at topology (enable-service-topology is off): connections go to every zone',
      remedy: {
        steps: [
          {
            text: 'Let the agents look at topology; what then has no endpoint in a zone is served from all zones',
            sets: { key: 'enable-service-topology', value: 'true', helm: 'loadBalancer.serviceTopology=true' },
            where: 'workstation',
          },
          restartAll,
        ],
        check: checkTopology,
      },
    },
    distributionUnknown: {
      severity: 'warning',
      harm: 'trap',
      message: '{{services}}: {{asked}} is ignored: Cilium honours it from 1.20 on, and the agents are {{version}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Ask for PreferClose, which these agents know and which keeps connections in the zone; or upgrade Cilium to 1.20',
            command:
              'kubectl -n {{objectNamespace}} patch service {{objectName}} --type merge -p \'{"spec":{"trafficDistribution":"PreferClose"}}\'',
            where: 'workstation',
          },
        ],
        check: checkTopology,
      },
    },
    outOfRotation: {
      severity: 'warning',
      message: '{{services}}: endpoints are ready, and all of them are out of rotation by weight 0',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'If that is no maintenance, remove the annotation service.cilium.io/weight from its EndpointSlices',
            command:
              'kubectl -n {{objectNamespace}} annotate endpointslices -l kubernetes.io/service-name={{objectName}} service.cilium.io/weight-',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    sliceOfOtherProxy: {
      message:
        '{{services}}: its EndpointSlices lack the label service.kubernetes.io/service-proxy-name={{wanted}}, by which the agents choose them',
      remedy: {
        steps: [
          {
            text: 'Label the EndpointSlices, and make their author (a person or a controller) do so',
            command:
              'kubectl -n {{objectNamespace}} label endpointslices -l kubernetes.io/service-name={{objectName}} service.kubernetes.io/service-proxy-name={{wanted}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
