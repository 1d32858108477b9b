import affinityMatchDeleted from './affinityMatchDeleted.ts';
import configGone from './configGone.ts';
import dnsNotInTable from './dnsNotInTable.ts';
import dnsNotInTableAlone from './dnsNotInTableAlone.ts';
import dnsWithoutBackend from './dnsWithoutBackend.ts';
import dnsWithoutBackendAlone from './dnsWithoutBackendAlone.ts';
import dnsServersForbid from './dnsServersForbid.ts';
import endpointsAreNames from './endpointsAreNames.ts';
import helmNameInConfig from './helmNameInConfig.ts';
import nodeConfigAstray from './nodeConfigAstray.ts';
import podsGated from './podsGated.ts';
import poolsOverlap from './poolsOverlap.ts';
import poolRangeTwice from './poolRangeTwice.ts';
import dnsOutOfReach from './dnsOutOfReach.ts';
import controllerManagerStopped from './controllerManagerStopped.ts';
import devicesRefused from './devicesRefused.ts';
import endedPodListed from './endedPodListed.ts';
import endpointIsNodePort from './endpointIsNodePort.ts';
import externalIPOfPod from './externalIPOfPod.ts';
import hostPortOfKubelet from './hostPortOfKubelet.ts';
import modeRefused from './modeRefused.ts';
import nftForwardDrops from './nftForwardDrops.ts';
import nftInputDrops from './nftInputDrops.ts';
import outputDropped from './outputDropped.ts';
import forwardDropped from './forwardDropped.ts';
import connectRefused from './connectRefused.ts';
import forwardingOff from './forwardingOff.ts';
import forwarding6Off from './forwarding6Off.ts';
import proxyNameSet from './proxyNameSet.ts';
import reverseFilter from './reverseFilter.ts';
import reverseNatDeleted from './reverseNatDeleted.ts';
import routeGone from './routeGone.ts';
import ruleTakes from './ruleTakes.ts';
import routeRefuses from './routeRefuses.ts';
import tunnelDown from './tunnelDown.ts';
import hostLinkDown from './hostLinkDown.ts';
import nodeAddressLost from './nodeAddressLost.ts';
import ownPodsLost from './ownPodsLost.ts';
import podRangeTwice from './podRangeTwice.ts';
import policiesForbid from './policiesForbid.ts';
import policiesForbidConnect from './policiesForbidConnect.ts';
import policyForbidsProbePods from './policyForbidsProbePods.ts';
import nodeStarved from './nodeStarved.ts';
import nodeStarvedConnect from './nodeStarvedConnect.ts';
import tunnelBlocked from './tunnelBlocked.ts';
import tunnelBlockedBetween from './tunnelBlockedBetween.ts';
import type { Fault } from '../lib/Fault.ts';
import addressOtherFamily from './addressOtherFamily.ts';
import affinityByAnnotation from './affinityByAnnotation.ts';
import affinityTimeoutChanged from './affinityTimeoutChanged.ts';
import agentBeingReplaced from './agentBeingReplaced.ts';
import agentFrozen from './agentFrozen.ts';
import agentsExcludeNode from './agentsExcludeNode.ts';
import agentsLostApiServer from './agentsLostApiServer.ts';
import agentsRestarted from './agentsRestarted.ts';
import agentsRestartEveryMinute from './agentsRestartEveryMinute.ts';
import annotationAsLabel from './annotationAsLabel.ts';
import annotationInvalid from './annotationInvalid.ts';
import annotationLeavesNoAddress from './annotationLeavesNoAddress.ts';
import annotationMatchesNoNode from './annotationMatchesNoNode.ts';
import annotationSwitchOff from './annotationSwitchOff.ts';
import annotationUnknown from './annotationUnknown.ts';
import apiServerAddressTaken from './apiServerAddressTaken.ts';
import apiServerGone from './apiServerGone.ts';
import apiServerRestarted from './apiServerRestarted.ts';
import backendChanged from './backendChanged.ts';
import backendDeleted from './backendDeleted.ts';
import balancerRefused from './balancerRefused.ts';
import ciliumNodeGone from './ciliumNodeGone.ts';
import ciliumNodeStale from './ciliumNodeStale.ts';
import configDrift from './configDrift.ts';
import conntrackStale from './conntrackStale.ts';
import countTooHigh from './countTooHigh.ts';
import countTooLow from './countTooLow.ts';
import deadServerListed from './deadServerListed.ts';
import deploymentsRolling from './deploymentsRolling.ts';
import devicesLeadNowhere from './devicesLeadNowhere.ts';
import devicesNotThere from './devicesNotThere.ts';
import dnsKeptLocal from './dnsKeptLocal.ts';
import dnsLabelOnOther from './dnsLabelOnOther.ts';
import dnsMovedAway from './dnsMovedAway.ts';
import dnsPortElsewhere from './dnsPortElsewhere.ts';
import dnsScaledDown from './dnsScaledDown.ts';
import dnsWithoutUdp from './dnsWithoutUdp.ts';
import dnsWrongZone from './dnsWrongZone.ts';
import endpointIsService from './endpointIsService.ts';
import ephemeralPortsOverlap from './ephemeralPortsOverlap.ts';
import etcdGone from './etcdGone.ts';
import etcdRestarted from './etcdRestarted.ts';
import execForbidden from './execForbidden.ts';
import externalIPOfNode from './externalIPOfNode.ts';
import externalIPTaken from './externalIPTaken.ts';
import externalLocalElsewhere from './externalLocalElsewhere.ts';
import foreignRulesLeft from './foreignRulesLeft.ts';
import frontendDeleted from './frontendDeleted.ts';
import halfUpdated from './halfUpdated.ts';
import headlessByLabel from './headlessByLabel.ts';
import healthCheckPortTaken from './healthCheckPortTaken.ts';
import hostPortHidesListener from './hostPortHidesListener.ts';
import hostPortIsNodePort from './hostPortIsNodePort.ts';
import hostPortWithAnyAddress from './hostPortWithAnyAddress.ts';
import internalLocalOneNode from './internalLocalOneNode.ts';
import ipsetLeft from './ipsetLeft.ts';
import kubeadmWouldBringItBack from './kubeadmWouldBringItBack.ts';
import kubeProxyConfigMapLeft from './kubeProxyConfigMapLeft.ts';
import kubeProxyNeverStarts from './kubeProxyNeverStarts.ts';
import kubeProxyRulesLeft from './kubeProxyRulesLeft.ts';
import kubeProxyRuns from './kubeProxyRuns.ts';
import legacyRuleLeft from './legacyRuleLeft.ts';
import linkForwardingOff from './linkForwardingOff.ts';
import listForbidden from './listForbidden.ts';
import localNodePortDeleted from './localNodePortDeleted.ts';
import localPolicyTurned from './localPolicyTurned.ts';
import maglevTableDeleted from './maglevTableDeleted.ts';
import maglevTableEmpty from './maglevTableEmpty.ts';
import mapFullAfterStart from './mapFullAfterStart.ts';
import markChainDead from './markChainDead.ts';
import meshSidecar from './meshSidecar.ts';
import networkCut from './networkCut.ts';
import networkCutForLong from './networkCutForLong.ts';
import nftablesLeft from './nftablesLeft.ts';
import nobodyServesNode from './nobodyServesNode.ts';
import nodeConfigTurnsOff from './nodeConfigTurnsOff.ts';
import nodeFrozen from './nodeFrozen.ts';
import nodePortRangesElsewhere from './nodePortRangesElsewhere.ts';
import oddServices from './oddServices.ts';
import programDetached from './programDetached.ts';
import proxyNameLabel from './proxyNameLabel.ts';
import readmeRights from './readmeRights.ts';
import rollingConnect from './rollingConnect.ts';
import roleWithoutSlices from './roleWithoutSlices.ts';
import rowAdded from './rowAdded.ts';
import sctpOff from './sctpOff.ts';
import serviceHostDead from './serviceHostDead.ts';
import serviceHostIsClusterIP from './serviceHostIsClusterIP.ts';
import serviceHostIsUrl from './serviceHostIsUrl.ts';
import serviceWithoutBackends from './serviceWithoutBackends.ts';
import slicePortMisnamed from './slicePortMisnamed.ts';
import sliceProtocolDiffers from './sliceProtocolDiffers.ts';
import sliceUnlabelled from './sliceUnlabelled.ts';
import slotDeleted from './slotDeleted.ts';
import slotZeroDeleted from './slotZeroDeleted.ts';
import socketLbDetached from './socketLbDetached.ts';
import sourceRangesDenyAll from './sourceRangesDenyAll.ts';
import sourceRangesOtherFamily from './sourceRangesOtherFamily.ts';
import staleBackends from './staleBackends.ts';
import targetPortUnnamed from './targetPortUnnamed.ts';
import tenantForges from './tenantForges.ts';

/**
 * In the order in which they are run on one cluster: what changes maps and objects first, what restarts agents last.
 */
export const faults: readonly Fault[] = [
  slotDeleted,
  slotZeroDeleted,
  maglevTableDeleted,
  maglevTableEmpty,
  frontendDeleted,
  backendChanged,
  backendDeleted,
  tenantForges,
  dnsNotInTable,
  dnsNotInTableAlone,
  dnsWithoutBackend,
  dnsWithoutBackendAlone,
  countTooLow,
  countTooHigh,
  rowAdded,
  affinityTimeoutChanged,
  affinityMatchDeleted,
  reverseNatDeleted,
  socketLbDetached,
  programDetached,
  agentFrozen,
  staleBackends,
  kubeProxyRuns,
  kubeProxyRulesLeft,
  kubeProxyNeverStarts,
  legacyRuleLeft,
  foreignRulesLeft,
  nftablesLeft,
  ipsetLeft,
  conntrackStale,
  markChainDead,
  kubeProxyConfigMapLeft,
  kubeadmWouldBringItBack,
  annotationUnknown,
  annotationInvalid,
  annotationSwitchOff,
  annotationMatchesNoNode,
  annotationLeavesNoAddress,
  dnsScaledDown,
  dnsWrongZone,
  dnsKeptLocal,
  dnsServersForbid,
  dnsOutOfReach,
  dnsMovedAway,
  dnsLabelOnOther,
  dnsPortElsewhere,
  dnsWithoutUdp,
  serviceWithoutBackends,
  podsGated,
  targetPortUnnamed,
  slicePortMisnamed,
  sliceProtocolDiffers,
  sliceUnlabelled,
  endpointIsService,
  endpointIsNodePort,
  endpointsAreNames,
  externalIPTaken,
  externalIPOfNode,
  externalIPOfPod,
  apiServerAddressTaken,
  hostPortIsNodePort,
  hostPortOfKubelet,
  hostPortWithAnyAddress,
  hostPortHidesListener,
  sourceRangesOtherFamily,
  sourceRangesDenyAll,
  addressOtherFamily,
  balancerRefused,
  headlessByLabel,
  proxyNameLabel,
  affinityByAnnotation,
  annotationAsLabel,
  internalLocalOneNode,
  externalLocalElsewhere,
  ephemeralPortsOverlap,
  oddServices,
  meshSidecar,
  deadServerListed,
  healthCheckPortTaken,
  execForbidden,
  listForbidden,
  readmeRights,
  configDrift,
  devicesLeadNowhere,
  devicesNotThere,
  helmNameInConfig,
  nodeConfigAstray,
  proxyNameSet,
  configGone,
  devicesRefused,
  modeRefused,
  nodePortRangesElsewhere,
  apiServerGone,
  apiServerRestarted,
  etcdGone,
  etcdRestarted,
  forwardingOff,
  forwarding6Off,
  linkForwardingOff,
  reverseFilter,
  routeGone,
  routeRefuses,
  ruleTakes,
  tunnelDown,
  hostLinkDown,
  outputDropped,
  forwardDropped,
  connectRefused,
  nftForwardDrops,
  nftInputDrops,
  nodeAddressLost,
  ciliumNodeStale,
  ciliumNodeGone,
  tunnelBlocked,
  tunnelBlockedBetween,
  ownPodsLost,
  podRangeTwice,
  poolsOverlap,
  poolRangeTwice,
  policiesForbid,
  policiesForbidConnect,
  policyForbidsProbePods,
  networkCut,
  networkCutForLong,
  nodeStarved,
  nodeStarvedConnect,
  nodeFrozen,
  controllerManagerStopped,
  endedPodListed,
  localNodePortDeleted,
  localPolicyTurned,
  roleWithoutSlices,
  deploymentsRolling,
  agentBeingReplaced,
  agentsRestarted,
  rollingConnect,
  nodeConfigTurnsOff,
  nobodyServesNode,
  agentsExcludeNode,
  halfUpdated,
  sctpOff,
  mapFullAfterStart,
  agentsLostApiServer,
  agentsRestartEveryMinute,
  serviceHostIsClusterIP,
  serviceHostIsUrl,
  serviceHostDead,
];
