const redacted = '<redacted>';

/** `token: abc`, `--password=abc`, `"K3S_TOKEN":"abc"`; a path or a reference to a variable is no secret. */
const named =
  /((?:password|passwd|token|secret|api[-_]?key|access[-_]?key|key-data)["']?[ \t]*[=:][ \t]*["']?)(?![/$])([^\s"',&;]+)/gi;
/** `"--token","abc"`: arguments as JSON writes them, e.g. in the annotation k3s.io/node-args. */
const listed = /("--?[\w-]*(?:password|passwd|token|secret)"\s*,\s*")(?![/$])([^"]+)/gi;
/** `https://user:password@host` */
const inUrl = /(https?:\/\/)[^\s/@]+@/gi;

const secretFlag = /^--?[\w-]*(?:password|passwd|token|secret)$/i;

/** The same text without the values that names give away as credentials. Applied twice it changes nothing more. */
export const redactText = (text: string): string =>
  text.replace(named, `$1${redacted}`).replace(listed, `$1${redacted}`).replace(inUrl, '$1');

/** Words that only machines make: tokens, keys, hashes. */
const opaque = /[\w+=-]{20,}(?:\.[\w+=-]{10,}){0,4}/g;

/**
 * What another program said, for a message: without what its text gives away as a credential, without values that are
 * known to be one, and without long words that hold a digit, as tokens do.
 */
export const maskSecrets = (text: string, secrets: readonly string[] = []): string =>
  secrets
    .filter((secret) => secret.length >= 4)
    .reduce((masked, secret) => masked.replaceAll(secret, redacted), redactText(text))
    .replace(opaque, (word) => (/\d/.test(word) ? redacted : word));

/** Command lines: as `redactText`, and the value after a flag that takes a credential. */
export const redactWords = (words: readonly string[]): string[] =>
  words.map((word, i) =>
    i > 0 && secretFlag.test(words[i - 1] ?? '') && !/^[/$-]/.test(word) ? redacted : redactText(word),
  );

/** Keys of a ConfigMap whose value is a credential as a whole. Names of Secrets and switches end differently. */
export const isSecretKey = (key: string): boolean =>
  /(^|[-_.])(password|passwd|token|client-secret|access-key|secret-key|private-key)$/i.test(key) ||
  key.startsWith('jws-kubeconfig-');
