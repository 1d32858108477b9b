'use strict';
// string-width makes an Intl.Segmenter and large regular expressions when it is loaded, 15 ms that only help needs.
module.exports = (...args) => require('string-width').default(...args);
