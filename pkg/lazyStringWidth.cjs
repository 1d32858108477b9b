'use strict';
// string-width makes an Intl.Segmenter when it is loaded, and compiles the expressions for emoji at the first letter
// beyond ASCII: more than a third of the time of `--help`, which consists of letters that are one column wide.
const narrow = /^[ -~‘’“”…–—]*$/;
module.exports = (text, ...options) =>
  typeof text === 'string' && narrow.test(text) ? text.length : require('string-width').default(text, ...options);
