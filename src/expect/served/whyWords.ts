import type { Family } from '../../model/lb/address.ts';
import { listNames } from '../../text/names.ts';
import { ownerName } from '../lb/OwnerRef.ts';
import type { WhyUnserved } from './WhyUnserved.ts';

/** The reason as a sentence without its end. */
export function whyWords(why: WhyUnserved): string {
  switch (why.kind) {
    case 'externalName':
      return 'an ExternalName: DNS answers with a name, and nothing is balanced';
    case 'headless':
      return 'headless: DNS answers with the backends’ addresses, and nothing is balanced';
    case 'otherProxy':
      return why.wanted === ''
        ? 'the label service.kubernetes.io/service-proxy-name leaves it to another proxy'
        : `the agents serve only what is labelled service.kubernetes.io/service-proxy-name=${why.wanted}`;
    case 'keptOffNode':
      return 'an annotation (service.cilium.io/node or node-selector) keeps it off this node';
    case 'otherTypeOnly':
      return `the annotation service.cilium.io/type lets ${why.only} alone through`;
    case 'familyOff':
      return `the agent does not serve ${familyWord(why.family)}`;
    case 'featureOff':
      return `${why.feature} frontends are left to kube-proxy and others, because kube-proxy replacement is off`;
    case 'nodeAddress':
      return `the address is the node’s own, and ports ${why.min}–${why.max} there are for NodePorts`;
    case 'hostPortInRange':
      return `ports ${why.min}–${why.max} are for NodePorts`;
    case 'zeroHostIP':
      return `hostIP ${why.hostIP} is written out, of which the agent makes nothing`;
    case 'noSlice':
      return why.lookalike === undefined
        ? 'no EndpointSlice names the Service, so it has no endpoint'
        : `no EndpointSlice names the Service; ${why.lookalike} lacks the label kubernetes.io/service-name`;
    case 'notReady':
      return 'no backend is ready, which is the application’s, not the datapath’s';
    case 'placeholder':
      return 'its one endpoint is a placeholder, and no L7 proxy takes the connections';
    case 'family':
      return `ready endpoints are ${listNames(why.offered.map(familyWord))}, and none is ${familyWord(why.family)}`;
    case 'protocol':
      return `ready endpoints offer ${listNames(why.offered)}, and not ${why.protocol}`;
    case 'portName':
      return why.offered.length === 0
        ? 'endpoints are ready, and none has a port by the name that targetPort gives'
        : `ports of ready endpoints are called ${listNames(why.offered)}, and not ${why.portName === '' ? 'by no name' : why.portName}`;
    case 'sliceOfOtherProxy':
      return `its EndpointSlices lack the label service.kubernetes.io/service-proxy-name=${why.wanted}`;
    case 'notLocal':
      return `no ready backend on this node, and ${why.policy}TrafficPolicy is Local`;
    case 'zone':
      return `topology hints leave zone ${why.zone ?? '(none)'} without a ready endpoint`;
    case 'outOfRotation':
      return 'endpoints are ready, and all of them are out of rotation';
    case 'names':
      return 'its endpoints are names (addressType FQDN), of which the agent makes nothing';
    case 'sourceRanges':
      return why.policy === 'deny'
        ? `every ${familyWord(why.family)} address is denied`
        : `no source range is ${familyWord(why.family)}, so nobody is let in`;
    case 'sctpOff':
      return 'the agent does not look at SCTP (enable-sctp is off)';
    case 'sctpPort':
      return `SCTP packets keep their port, and the backends listen on ${listNames(why.ports.map(String))}`;
    case 'claimed':
      return why.decided
        ? `${why.at} is ${ownerName(why.by)}’s, and the agent refuses all of a Service that claims it, too`
        : `${why.at} is claimed by ${ownerName(why.by)}, too, and one of the two is served`;
    case 'overwritten':
      return `${ownerName(why.by)} asks for the same row, and was written last`;
    default:
      return why satisfies never;
  }
}

const familyWord = (family: Family): string => (family === 'ipv4' ? 'IPv4' : 'IPv6');
