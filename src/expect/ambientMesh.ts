import type { DaemonSet } from '../model/kubernetes.ts';

/** Istio's proxy of nodes, which takes what pods of its ambient mode send to Services. */
export const isAmbient = ({ metadata }: DaemonSet): boolean => metadata.name === 'ztunnel';
