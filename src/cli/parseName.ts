import { usageError } from '../core/KprError.ts';
import { isDnsLabel, isDnsSubdomain } from '../model/kubernetesNames.ts';
import { visible } from '../text/visible.ts';

/** Names stand in paths that are asked, and in manifests. Throws KprError for one that Kubernetes gives nobody. */
const parser =
  (isName: (text: string) => boolean, most: number) =>
  (text: string, flag: string): string => {
    if (isName(text) && text.length <= most) return text;
    throw usageError(
      `--${flag} ${visible(text)} is no name that Kubernetes takes there`,
      `Small letters, digits and dashes, ${most} at most`,
    );
  };

/** Of a namespace. */
export const parseNamespace = parser(isDnsLabel, 63);
/** Of an Indexed Job: of its pods' names 12 characters are Kubernetes' own, and those of their hosts are labels. */
export const parseJobName = parser(isDnsLabel, 51);
/** Of most objects. */
export const parseObjectName = parser(isDnsSubdomain, 253);
