// What tsc holds: the objects of the API have, of those names and kinds, whatever member is read of them. The types of
// the Kubernetes client are generated from the API's own description.
import type {
  V1ConfigMap,
  V1DaemonSet,
  V1Deployment,
  V1EndpointSlice,
  V1Node,
  V1Pod,
  V1Service,
} from '@kubernetes/client-node';
import type {
  ConfigMap,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Node,
  Pod,
  Service,
} from '../../src/model/kubernetes.ts';

/** The paths of those members that the API does not have, or has as something else. A moment is text in JSON. */
type Stranger<Ours, Theirs> = [Ours] extends [string | number | boolean]
  ? [Theirs] extends [Ours] | [Date]
    ? never
    : ' is something else'
  : Ours extends readonly (infer Our)[]
    ? Theirs extends readonly (infer Their)[]
      ? Stranger<Our, Their>
      : ' is no list'
    : string extends keyof Ours
      ? string extends keyof Theirs
        ? never
        : ' is no map'
      : {
          [Name in keyof Ours & string]: Name extends keyof Theirs
            ? `${Name}.${Stranger<NonNullable<Ours[Name]>, NonNullable<Theirs[Name]>>}`
            : Name;
        }[keyof Ours & string];

type Holds<T extends true> = T;
type None<T> = [T] extends [never] ? true : T;

export type Contract = [
  Holds<None<Stranger<ConfigMap, V1ConfigMap>>>,
  Holds<None<Stranger<DaemonSet, V1DaemonSet>>>,
  Holds<None<Stranger<Deployment, V1Deployment>>>,
  Holds<None<Stranger<EndpointSlice, V1EndpointSlice>>>,
  Holds<None<Stranger<Node, V1Node>>>,
  Holds<None<Stranger<Pod, V1Pod>>>,
  Holds<None<Stranger<Service, V1Service>>>,
  // @ts-expect-error: a name that the API does not have is found, however deep
  Holds<None<Stranger<{ spec?: { ports?: { nodPort?: number }[] } }, V1Service>>>,
  // @ts-expect-error: and a member that it has as something else
  Holds<None<Stranger<{ spec?: { clusterIPs?: string } }, V1Service>>>,
];
