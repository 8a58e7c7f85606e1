/**
 * Loaded before a process's own code (`node --import`), sets its wall clock to TEST_CLOCK_START, from where it goes on:
 * which hours are late, and what a segment is called, depends on what time it is.
 */
const systemNow = Date.now
const offsetMs = Date.parse(process.env['TEST_CLOCK_START'] ?? '') - systemNow()
if (Number.isNaN(offsetMs)) throw new TypeError('expected a time in TEST_CLOCK_START')
Date.now = () => systemNow() + offsetMs
