/**
 * Where things lie in the memory that the fast path and its host share, in bytes. Both sides are compiled from this
 * file: AssemblyScript reads these as `i32`.
 */

/** `f64`: the times that lines may have, from and to (without the end), and the time of the last line taken, ms. */
export const fromMsAt = 0
export const toMsAt = 8
export const lastMsAt = 16

/** `i32`: what a call has done: where the first frame begins that was not taken, and the ends of what it wrote. */
export const inputEndAt = 24
export const outputEndAt = 28
/** Bytes of the lines as they came, without newlines. */
export const lineBytesAt = 32

/** `i32`: why it took no more, where that is for the sender of the next frame: its number, or one of those below. */
export const stoppedAt = 36
/** Nobody has told of the sender. */
export const atUnknown = -1
/** For any other reason. */
export const atOther = -2

/** `i32`: what the host has set. */
export const maxLineBytesAt = 40
export const redactsAt = 44
export const findsCardsAt = 48
export const hasShortKeyAt = 52
/** Of the tag that entries of a packed frame have. */
export const tagBytesAt = 56
/** How many senders are known. */
export const senderCountAt = 60
/** All bytes that a card number is made of are smaller. */
export const cardBytesEndAt = 68
/** Of what replaces the closing brace of a line; 0: lines stay as they are. */
export const endingBytesAt = 64

/** The tag of a packed frame, and what lines end with. */
export const longestTag = 512
export const tagAt = 256
export const longestEnding = 2048
export const endingAt = tagAt + longestTag

/** By place in the line: the key that was there, with the quote and the colon behind it; its length; its number. */
export const mostPlaces = 48
export const longestKey = 48
export const memoAt = endingAt + longestEnding
export const memoBytesAt = memoAt + mostPlaces * longestKey
export const missesAt = memoBytesAt + mostPlaces
export const memoKeysAt = missesAt + mostPlaces

/** By number of a key: bits of its groups, its slot (255: none), and the seconds that one of its unit is, `f64`. */
export const mostKeys = 1024
export const keyBitsAt = memoKeysAt + mostPlaces * 2
export const keySlotsAt = keyBitsAt + mostKeys
export const keySecondsAt = 8 * 1024
/** By slot: where the value of the current line starts, where it ends, and the number of its key, `i32` each. */
export const slotCount = 12
export const placesAt = keySecondsAt + mostKeys * 8

/** By byte: bits of what it is. */
export const byteKindsAt = 17 * 1024
/** 1 where a sensitive key may end with two bytes. */
export const mayEndAt = byteKindsAt + 256
/** By bits: what a byte may be. */
export const isOfWord = 1
export const mayCloseKey = 2
export const isBoundary = 4
export const isHexDigit = 8
export const isOfCard = 16
export const isDigit = 32
export const mayLeadDigit = 64
export const isAgentStart = 128

/** Of each line taken a row of `RequestRows`, with the number of its sender. */
export const requestBytes = 24
export const mostLines = 1700
export const requestsAt = 22 * 1024
export const statusCount = 600

/** Frames come in here, and lines go out there. Vectors of 16 bytes are read beyond the end. */
export const inputAt = 64 * 1024
export const inputBytes = 64 * 1024
export const outputAt = inputAt + inputBytes + 1024
export const outputBytes = 128 * 1024

/**
 * The senders that are known, by their numbers: the tag and the name behind it, their lengths, what all of it comes to
 * (to be found by), who came behind them last, and where lines go, `i32` each.
 */
export const mostSenders = 512
export const longestSender = 512
export const senderNamesAt = outputAt + outputBytes
export const senderTagBytesAt = senderNamesAt + mostSenders * longestSender
/** -1: its records have no `container_name`; -2: they may have any, since the tag names the container. */
export const senderNameBytesAt = senderTagBytesAt + mostSenders * 4
export const senderPrintsAt = senderNameBytesAt + mostSenders * 4
export const nextSendersAt = senderPrintsAt + mostSenders * 4
/** Senders with the same number have their lines in one stretch; 0: none are taken. */
export const stretchesAt = nextSendersAt + mostSenders * 4

/** A bit for each byte of the current line where a text may end, or that needs a look. */
export const stopsAt = stretchesAt + mostSenders * 4

/** What the compiler places lies behind all else. */
export const ownAt = stopsAt + inputBytes / 8 + 64
export const pageCount = 9

/** Slots of `accessValue`. */
export const statusSlot = 0
export const methodSlot = 1
export const requestSlot = 4
export const bytesSlot = 5
export const durationSlot = 6
export const agentSlot = 8

// Tested in test/pipeline/ordinary-frames.test.ts
