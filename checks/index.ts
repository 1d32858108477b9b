import type { AnyCheck } from '../src/core/Check.ts';
import { agentsAgree } from './agents/agentsAgree.ts';
import { agentsAnswer } from './agents/agentsAnswer.ts';
import { agentsFaultless } from './agents/agentsFaultless.ts';
import { agentsWouldStart } from './agents/agentsWouldStart.ts';
import { agentsReady } from './agents/agentsReady.ts';
import { configCurrent } from './agents/configCurrent.ts';
import { configThere } from './agents/configThere.ts';
import { devicesSelected } from './agents/devicesSelected.ts';
import { kprInEffect } from './agents/kprInEffect.ts';
import { trafficLetPass } from './agents/trafficLetPass.ts';
import { kernelLetsPass } from './agents/kernelLetsPass.ts';
import { linksUp } from './agents/linksUp.ts';
import { mapsHaveRoom } from './agents/mapsHaveRoom.ts';
import { noKnownDefect } from './agents/noKnownDefect.ts';
import { routesLeadToPods } from './agents/routesLeadToPods.ts';
import { servicesServed } from './agents/servicesServed.ts';
import { socketLbAttached } from './agents/socketLbAttached.ts';
import { healthPortAnswers } from './agents/healthPortAnswers.ts';
import { settingsInEffect } from './agents/settingsInEffect.ts';
import { socketLbScope } from './agents/socketLbScope.ts';
import { deviceProgramsAttached } from './agents/deviceProgramsAttached.ts';
import { nodesReachPods } from './agents/nodesReachPods.ts';
import { podAddressesSingle } from './agents/podAddressesSingle.ts';
import { apiCallsAnswered } from './api-endpoint/apiCallsAnswered.ts';
import { apiEndpointAnswers } from './api-endpoint/apiEndpointAnswers.ts';
import { apiEndpointDirect } from './api-endpoint/apiEndpointDirect.ts';
import { apiEndpointResolves } from './api-endpoint/apiEndpointResolves.ts';
import { apiEndpointWellformed } from './api-endpoint/apiEndpointWellformed.ts';
import { kubernetesSliceCurrent } from './api-endpoint/kubernetesSliceCurrent.ts';
import { apiEndpointRedundant } from './api-endpoint/apiEndpointRedundant.ts';
import { kubernetesServiceReachable } from './api-endpoint/kubernetesServiceReachable.ts';
import { clusterDnsAnswers } from './dns/clusterDnsAnswers.ts';
import { clusterDnsReady } from './dns/clusterDnsReady.ts';
import { localRedirectsEffective } from './dns/localRedirectsEffective.ts';
import { staleSocketsClosable } from './dns/staleSocketsClosable.ts';
import { accessGranted } from './examination/accessGranted.ts';
import { answersUnderstood } from './examination/answersUnderstood.ts';
import { nodesRead } from './examination/nodesRead.ts';
import { versionKnown } from './examination/versionKnown.ts';
import { kubeProxyAbsent } from './kube-proxy/kubeProxyAbsent.ts';
import { kubeProxyStaysAway } from './kube-proxy/kubeProxyStaysAway.ts';
import { harmlessRemains } from './kube-proxy/harmlessRemains.ts';
import { leftoverIptables } from './kube-proxy/leftoverIptables.ts';
import { leftoverIpvs } from './kube-proxy/leftoverIpvs.ts';
import { leftoverNftables } from './kube-proxy/leftoverNftables.ts';
import { nothingMissesKubeProxy } from './kube-proxy/nothingMissesKubeProxy.ts';
import { nothingNeedsKubeProxy } from './kube-proxy/nothingNeedsKubeProxy.ts';
import { staleConntrack } from './kube-proxy/staleConntrack.ts';
import { foreignRulesInUse } from './kube-proxy/foreignRulesInUse.ts';
import { backendsReady } from './services/backendsReady.ts';
import { serviceAnnotationsHonoured } from './services/serviceAnnotationsHonoured.ts';
import { nodePortsInRange } from './services/nodePortsInRange.ts';
import { hostPortsServed } from './services/hostPortsServed.ts';
import { hostPortsFree } from './services/hostPortsFree.ts';
import { hostSocketsFree } from './services/hostSocketsFree.ts';
import { addressesSingle } from './services/addressesSingle.ts';
import { affinityEffective } from './services/affinityEffective.ts';
import { sctpSupported } from './services/sctpSupported.ts';
import { localPoliciesMet } from './services/localPoliciesMet.ts';
import { frontendsBacked } from './services/frontendsBacked.ts';
import { topologyHonoured } from './services/topologyHonoured.ts';
import { backendsApart } from './services/backendsApart.ts';
import { l7ServicesRedirected } from './services/l7ServicesRedirected.ts';
import { balancersAddressed } from './services/balancersAddressed.ts';
import { healthChecksAnswered } from './services/healthChecksAnswered.ts';
import { healthChecksOn } from './services/healthChecksOn.ts';
import { endpointsCurrent } from './services/endpointsCurrent.ts';
import { tablesAgree } from './tables/tablesAgree.ts';
import { tablesMatch } from './tables/tablesMatch.ts';
import { connectionsAnswered } from './tables/connectionsAnswered.ts';
import { kubeProxyDispensable } from './change/kubeProxyDispensable.ts';
import { mapsWouldFit } from './change/mapsWouldFit.ts';
import { wayBackPrepared } from './change/wayBackPrepared.ts';
import { nodesManaged } from './change/nodesManaged.ts';
import { podsManaged } from './change/podsManaged.ts';
import { healthPortAnsweredThen } from './change/healthPortAnsweredThen.ts';
import { connectionsAtRisk } from './change/connectionsAtRisk.ts';
import { cleanUpSafe } from './change/cleanUpSafe.ts';
import { featuresWithoutReplacement } from './configuration/featuresWithoutReplacement.ts';
import { versionsFollow } from './configuration/versionsFollow.ts';
import { modeSuitsNetwork } from './configuration/modeSuitsNetwork.ts';
import { masqueradingSuits } from './configuration/masqueradingSuits.ts';

/** The rule book, in the order of causes: an earlier check's finding often explains a later one's. */
export const checks: readonly AnyCheck[] = [
  // agents
  agentsReady,
  agentsAnswer,
  configThere,
  agentsWouldStart,
  kprInEffect,
  servicesServed,
  configCurrent,
  agentsAgree,
  socketLbAttached,
  podAddressesSingle,
  linksUp,
  routesLeadToPods,
  kernelLetsPass,
  trafficLetPass,
  devicesSelected,
  mapsHaveRoom,
  agentsFaultless,
  noKnownDefect,
  healthPortAnswers,
  settingsInEffect,
  socketLbScope,
  deviceProgramsAttached,
  nodesReachPods,
  // API server endpoint
  apiEndpointWellformed,
  apiEndpointResolves,
  apiEndpointDirect,
  apiEndpointAnswers,
  kubernetesSliceCurrent,
  apiEndpointRedundant,
  kubernetesServiceReachable,
  apiCallsAnswered,
  // kube-proxy
  kubeProxyAbsent,
  kubeProxyStaysAway,
  leftoverIptables,
  leftoverNftables,
  leftoverIpvs,
  staleConntrack,
  nothingNeedsKubeProxy,
  nothingMissesKubeProxy,
  harmlessRemains,
  foreignRulesInUse,
  // tables
  tablesMatch,
  tablesAgree,
  connectionsAnswered,
  // services
  serviceAnnotationsHonoured,
  backendsReady,
  nodePortsInRange,
  hostPortsServed,
  hostPortsFree,
  hostSocketsFree,
  addressesSingle,
  affinityEffective,
  sctpSupported,
  localPoliciesMet,
  frontendsBacked,
  topologyHonoured,
  backendsApart,
  l7ServicesRedirected,
  balancersAddressed,
  healthChecksAnswered,
  healthChecksOn,
  endpointsCurrent,
  // dns
  clusterDnsReady,
  clusterDnsAnswers,
  localRedirectsEffective,
  staleSocketsClosable,
  // change
  kubeProxyDispensable,
  mapsWouldFit,
  wayBackPrepared,
  nodesManaged,
  podsManaged,
  healthPortAnsweredThen,
  connectionsAtRisk,
  cleanUpSafe,
  // configuration
  featuresWithoutReplacement,
  versionsFollow,
  modeSuitsNetwork,
  masqueradingSuits,
  // examination
  accessGranted,
  nodesRead,
  answersUnderstood,
  versionKnown,
];
