import { knownArn, regions } from './aws-names.ts'
import { errorLevels, levelWords } from '../contracts/levels.ts'
import { rules, tests } from './rules/settings.ts'
import type { ConfigOf, SettingTree } from './setting.ts'

// Settings that single containers may have too.

const logGroup = {
  type: 'string', default: '', example: '/ecs/shop/errors',
  // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  pattern: /^(?!aws\/)[\w\-/.#]{0,512}$/,
  allowed: 'up to 512 letters, digits, `_`, `-`, `/`, `.` and `#`, not beginning with `aws/`',
  meant: (text: string) => /^arn:[^:]*:logs:[^:]*:\d*:log-group:([\w\-/.#]+)/.exec(text)?.[1],
  doc: 'CloudWatch Logs group for error records. Empty: they are written to files.',
} as const

const bucket = {
  type: 'string', default: '', example: 'shop-logs',
  // Buckets made before 2018 may have longer names, with capitals and underscores.
  // Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  pattern: /^(?:[A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9]|arn:(?![\w-]*:s3::)[\w.:/-]{1,512})?$/,
  allowed: 'the name of a bucket without `s3://` and without a path, or the ARN of an access point in one region',
  meant: (text: string) => /^(?:s3:\/\/|arn:[\w-]*:s3:::)?([A-Za-z0-9][\w.-]{1,253}[A-Za-z0-9])(?:\/|$)/.exec(text)?.[1],
  doc: 'S3 bucket for access and app records. Empty: they are written to files.',
} as const

const prefix = {
  type: 'string', default: '', example: 'production/',
  pattern: /^\P{Cc}*$/u, allowed: 'a text without control characters',
  doc: 'Start of every object key. If you want a slash after it, include it.',
} as const

/** Disk for the records of a route. */
function quotaOf (normal: string, example: string, doc: string) {
  return { type: 'size', default: normal, min: '1MiB', max: '1TiB', example, doc } as const
}

const compression = {
  type: 'choice', default: 'gzip', choices: ['gzip', 'zstd', 'none'], example: 'zstd',
  doc: 'Compression of objects. `{ext}` in the key follows it.',
} as const

const objectKey = {
  type: 'template', default: '{prefix}{class}/dt=%Y-%m-%d/hour=%H/{task}-{segment}.ndjson.{ext}',
  names: ['prefix', 'class', 'container', 'task', 'cluster', 'family', 'revision', 'az', 'segment', 'ext'],
  required: ['segment'], example: '{class}/{container}/%Y/%m/%d/{segment}.ndjson.{ext}',
  doc: 'Key of an object. Times are the UTC hour of its records. An unknown value is `_`.',
} as const

const streamName = {
  type: 'template', default: '{container}/{task}/{class}',
  names: ['class', 'container', 'task', 'date', 'cluster', 'family', 'revision', 'az'], required: [],
  example: '{container}/{task}',
  doc: 'Name of the log stream. An unknown value is left out: `{cluster}`, `{family}`, `{revision}` and `{az}` are known only on ECS.',
} as const

const createGroup = {
  type: 'boolean', default: false, example: 'true',
  doc: 'Whether to create the group when it is missing. Needs `logs:CreateLogGroup`, and `logs:PutRetentionPolicy` to set a retention.',
} as const

const retentionDays = {
  type: 'integer', default: 0, min: 0, max: 36500, others: true,
  // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  values: [
    0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ],
  example: '90',
  doc: 'Days for which a group that Sluice creates (`cloudwatch.createGroup`) keeps its events. 0: for ever.',
} as const

const groupClass = {
  type: 'choice', default: 'STANDARD',
  // DELIVERY is left out: it is for the logs of Lambda.
  choices: ['STANDARD', 'INFREQUENT_ACCESS', 'ESSENTIALS'],
  others: /^[A-Z][A-Z\d_]{0,63}$/, example: 'INFREQUENT_ACCESS',
  doc: 'Class of a group that Sluice creates. It cannot be changed later.',
} as const

const storageClass = {
  type: 'choice', default: 'bucket',
  choices: [
    'bucket', 'STANDARD', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR', 'GLACIER', 'DEEP_ARCHIVE',
  ],
  others: /^[A-Z][A-Z\d_]{0,63}$/, example: 'INTELLIGENT_TIERING',
  doc: 'Storage class of objects. `bucket` sends none. The cheaper classes bill at least 128 KiB an object and 30 to 180 days; `INTELLIGENT_TIERING` does not move smaller objects. Objects in `GLACIER` and `DEEP_ARCHIVE` must be restored before anyone, Athena included, can read them.',
} as const

const roleArn = {
  type: 'string', default: '', example: 'arn:aws:iam::123456789012:role/log-writer',
  pattern: /^(?:arn:[a-z][a-z\d-]{0,31}:iam::\d{12}:role\/[\w+=,.@/-]{1,576})?$/, known: knownArn,
  allowed: 'the ARN of a role, `arn:aws:iam::123456789012:role/name`',
  doc: 'Role to assume. Empty: none.',
} as const

const region = {
  type: 'string', default: '', example: 'ap-northeast-1',
  // It becomes a part of a host name. Other stores than AWS have names of their own: `auto`, `RegionOne`.
  pattern: /^(?:[A-Za-z\d](?:[A-Za-z\d-]{0,61}[A-Za-z\d])?)?$/,
  known: regions, allowed: 'the name of a region, as `eu-west-1`',
  doc: 'Region of the destination. Empty: the region in `AWS_REGION` or `AWS_DEFAULT_REGION`, else the task\'s own, else what every AWS SDK finds.',
} as const

const include = {
  type: 'list', isRegex: true, allowed: 'JavaScript regular expressions', default: [], example: 'GET /api/',
  doc: 'Regular expressions that a record must match, all of them. Other records are filtered by rule `include-pattern`. In a variable, a pattern cannot contain a comma.',
} as const

const exclude = {
  type: 'list', isRegex: true, allowed: 'JavaScript regular expressions', default: [], example: 'ELB-HealthChecker',
  doc: 'Regular expressions that a record must not match. Records that match one are filtered by rule `exclude-pattern`.',
} as const

const copyTo = {
  type: 'list', default: [], pattern: /^[a-z\d][a-z\d-]{0,31}$/, allowed: 'names of routes of one\'s own',
  unique: 'item', maxItems: 10, example: 'archive',
  doc: 'Routes of one\'s own that take a copy of every record.',
} as const

/**
 * A tag of S3 or of CloudWatch Logs; the first `=` ends its key.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
const tag = {
  pattern: /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/+@-]{1,128}=[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/iu,
  allowed: '`key=value`; keys of 1 to 128 and values of up to 256 letters, digits, spaces and `_.:/+@-`; a value may also contain `=`; a key may not begin with `aws:`',
} as const

/**
 * Every setting: the one place where its name, type, default and meaning are written. The type `Config`, the checks,
 * the environment variables, docs/configuration.md, config/schema.json and config/default.yaml are made of it.
 */
export const settings = {
  unixSocket: {
    type: 'path', default: '/var/run/fluent.sock', example: '.sluice/fluent.sock', canBeOff: true,
    // Linux takes 107 bytes and a zero. Source: https://man7.org/linux/man-pages/man7/unix.7.html
    maxLength: 107,
    doc: 'Unix socket for the Forward protocol. FireLens and the container agent expect the default.',
  },
  unixSocketMode: {
    type: 'mode', default: '0777', example: '0660',
    doc: 'Permissions of the unix socket. The log driver connects as another user, so the default lets everyone in.',
  },
  tcp: {
    type: 'address', default: '127.0.0.1:24224', example: '0.0.0.0:24224', canBeOff: true,
    doc: 'TCP address for the Forward protocol. Anyone who can reach it can write logs, unless `tcpAllow`, `tcpTls.clientCa` or `tcpAuth` keeps them out.',
  },
  tcpAllow: {
    type: 'list', default: [], isNetwork: true, allowed: 'networks, as `10.0.0.0/8` or `fd00::/8`, or addresses',
    unique: 'item', maxItems: 100, example: '127.0.0.0/8,10.0.0.0/8',
    doc: 'Networks from which `tcp` takes connections; any other is closed at once. Empty: all. If containers of the same task send too, include `127.0.0.0/8`.',
  },
  tcpHandshakeTimeout: {
    type: 'duration', default: '10s', min: '1s', max: '1m', example: '5s',
    doc: 'Longest time that a connection to `tcp` may take for TLS and authentication together, if either is set.',
  },
  tcpReload: {
    type: 'duration', default: '1m', min: '1s', max: '1h', example: '10s',
    doc: 'How often the files of `tcpTls` and `tcpAuth` are read again. What has changed is used for new connections; what cannot be used is logged, and what was there before stays.',
  },
  http: {
    type: 'address', default: '0.0.0.0:2020', example: '127.0.0.1:2020', canBeOff: true,
    doc: 'Address of the health, status and metrics pages.',
  },
  httpHosts: {
    type: 'list', default: [], pattern: /^[\w-]{1,63}(?:\.[\w-]{1,63}){0,30}$/,
    allowed: 'names of hosts, without a port', unique: 'item', maxItems: 50, example: 'sluice,shop.internal',
    doc: 'Names by which callers may ask for those pages (`Host`), besides IP addresses and `localhost`. A request for another name is refused with 421, since it may come from a page in somebody\'s browser. List the name that Prometheus scrapes, if it is not an address.',
  },
  httpDetail: {
    type: 'choice', default: 'auto', choices: ['auto', 'full', 'plain'], example: 'full',
    doc: 'What `/health` says. `full`: where records go, and what AWS answered, which names buckets, groups, accounts and roles. `plain`: only the kind of destination and the reason of an error. `auto`: `full` where `http` is an address of loopback, else `plain`.',
  },
  httpPage: {
    type: 'choice', default: 'auto', choices: ['auto', 'off', 'status', 'samples'], example: 'status',
    doc: 'The page at `/`: [page.md](page.md). `status`: numbers and states, nothing of a line. `samples`: the live tail too, which needs `http` on an address of loopback, or `httpToken`. `auto`: `samples` where one of these is so, else `status`. `off`: a list of paths.',
  },
  httpToken: {
    type: 'string', default: 'off', canBeOff: true, secret: true, pattern: /^[\x21-\x7e]{16,1024}$/,
    allowed: '16 to 1024 characters of ASCII without spaces, or `off`', example: 'a-long-random-text',
    doc: 'What somebody must know to see lines on the page or with `sluice tail`. Off: nobody is asked, and lines are shown to callers of this machine only.',
  },
  dataDir: {
    type: 'path', default: '/var/lib/sluice', example: '.sluice/data',
    doc: 'Directory of the spool, and of logs that are delivered to files. They survive a restart if this directory does.',
  },
  hostId: {
    type: 'string', default: '', example: 'web-1', pattern: /^(?!\.{1,2}$)[\w.-]{0,128}$/,
    allowed: 'up to 128 letters, digits, `.`, `_` and `-`',
    doc: 'Name of this instance. It names a directory in `dataDir`, and is `{task}` in keys and stream names. Empty: the id of the task on ECS, elsewhere the name of the host.',
  },
  logGroup,
  bucket,
  prefix,

  enrich: {
    type: 'list', default: [],
    choices: [
      'ecs_cluster', 'ecs_task_arn', 'ecs_task_definition', 'ecs_task_family', 'ecs_task_revision', 'ecs_availability_zone',
      'ec2_instance_id',
    ],
    unique: 'item', example: 'ecs_cluster,ecs_task_arn,ecs_task_definition',
    doc: 'ECS fields that are added to access records, and to error records with `error.format: json`. Unknown ones are left out. Do not name a field that your LogFormat already writes: it would appear twice, which Athena may refuse.',
  },

  memory: {
    doc: 'What Sluice may take of the memory of its container.',
    settings: {
      maxBytes: {
        type: 'size', default: 'off', canBeOff: true, min: '64MiB', max: '1TiB', example: '256MiB',
        doc: 'Memory of the whole process. All but 160 MiB of it, a quarter at least, is for buffers: frames, joins, lines on their way to the disk, what is being sent. If their settings add up to more, those that ask for most get less. Off: the limit of the container (cgroup), else a quarter of the machine\'s memory.',
      },
    },
  },

  forward: {
    doc: 'Limits on what a sender may send, checked before memory is allocated. A frame over a limit closes its own connection and nothing else.',
    settings: {
      maxFrameBytes: {
        type: 'size', default: '8MiB', min: '64KiB', max: '256MiB', example: '16MiB',
        doc: 'Largest frame, as sent.',
      },
      maxDecompressedBytes: {
        type: 'size', default: '64MiB', min: '64KiB', max: '1GiB', example: '128MiB',
        doc: 'Largest compressed frame after decompression.',
      },
      maxNesting: {
        type: 'integer', default: 32, min: 4, max: 256, example: '16',
        doc: 'Deepest nesting of maps and arrays.',
      },
      maxItems: {
        type: 'integer', default: 1048576, min: 1024, max: 16777216, example: '65536',
        doc: 'Most elements of one map or array.',
      },
      maxEntries: {
        type: 'integer', default: 500000, min: 1000, max: 16777216, example: '100000',
        doc: 'Most records of one frame. A chunk of Fluent Bit (2 MB) holds 100,000 at most, one of Fluentd (8 MB) 400,000.',
      },
      maxLineBytes: {
        type: 'size', default: '192KiB', min: '64KiB', max: '64MiB', example: '1MiB',
        doc: 'Longest line of a record; a longer one goes on in parts, which are counted and told.',
      },
      maxConnections: {
        type: 'integer', default: 1024, min: 1, max: 65536, example: '64',
        doc: 'Most connections on each log socket. For one more, another gives way: one that never sent a frame, else the one that has been quiet for longest.',
      },
      readPause: {
        type: 'duration', default: '100ms', min: '0ms', max: '1s', example: '25ms',
        doc: 'Longest pause between two reads of a sender that sends little; who sends more is read sooner. A longer pause costs less CPU; `0ms` wakes up for every line.',
      },
    },
  },

  tcpTls: {
    doc: 'TLS on `tcp`: [forward-tcp.md](forward-tcp.md). Without it, lines and who sends them can be read and changed on their way.',
    settings: {
      cert: {
        type: 'path', default: 'off', canBeOff: true, example: '/run/secrets/sluice.crt',
        doc: 'File with the certificate in PEM, followed by those of its issuers. With it, `tcp` takes TLS only. Needs `tcpTls.key`.',
      },
      key: {
        type: 'path', default: 'off', canBeOff: true, example: '/run/secrets/sluice.key',
        doc: 'File with the private key of the certificate in PEM, without a passphrase. Needs `tcpTls.cert`.',
      },
      clientCa: {
        type: 'path', default: 'off', canBeOff: true, example: '/run/secrets/senders-ca.crt',
        doc: 'File with certificates in PEM. A sender must then show a certificate that one of these has issued. Needs `tcpTls.cert` and `tcpTls.key`.',
      },
    },
  },

  tcpAuth: {
    doc: 'Authentication on `tcp`, as the Forward protocol has it: [forward-tcp.md](forward-tcp.md).',
    settings: {
      sharedKey: {
        type: 'string', default: 'off', canBeOff: true, secret: true,
        // Control characters are what it must not have.
        // eslint-disable-next-line no-control-regex
        pattern: /^[^\0-\x1f]{1,1024}$/,
        allowed: 'up to 1024 characters, or `off`', example: 'a-long-random-text',
        doc: 'Key that a sender must know (`shared_key` of Fluent Bit and Fluentd).',
      },
      sharedKeyFile: {
        type: 'path', default: 'off', canBeOff: true, example: '/run/secrets/forward-key',
        doc: 'File with that key, instead of `sharedKey`. The newline at its end does not count.',
      },
      users: {
        type: 'list', default: [], secret: true, pattern: /^[^=\s]{1,256}=.{1,1024}$/, allowed: '`name=password`',
        unique: 'key', maxItems: 1000, example: 'shop=a-password',
        doc: 'Users, of whom a sender must be one (`username` and `password` of Fluent Bit and Fluentd), besides knowing the key: needs `tcpAuth.sharedKey` or `tcpAuth.sharedKeyFile`. Empty: the key is enough. In a variable, a password cannot contain a comma.',
      },
      usersFile: {
        type: 'path', default: 'off', canBeOff: true, example: '/run/secrets/forward-users',
        doc: 'File with the users, one `name=password` a line, instead of `users`. Needs `tcpAuth.sharedKey` or `tcpAuth.sharedKeyFile`.',
      },
      serverName: {
        type: 'string', default: 'sluice', pattern: /^[\w.-]{1,255}$/,
        allowed: '1 to 255 letters, digits, `.`, `_` and `-`', example: 'logs.shop.internal',
        doc: 'Name by which Sluice answers (`self_hostname`). Fluentd refuses a server that has its own name.',
      },
    },
  },

  stdin: {
    doc: 'Lines from standard input (`--stdin`).',
    settings: {
      maxLineBytes: {
        type: 'size', default: '192KiB', min: '1KiB', max: '64MiB', example: '1MiB',
        doc: 'Longest line. A longer one is cut into parts, which are counted.',
      },
      wait: {
        type: 'choice', default: 'auto', choices: ['auto', 'always', 'briefly'], example: 'always',
        doc: 'How long reading waits while a quota or the write buffers are full. `always`: until there is room again, so that nothing is dropped; who writes to a pipe waits too. `briefly`: `spool.maxStall`, then lines are dropped and counted. `auto`: a file waits always, anything else briefly.',
      },
    },
  },

  join: {
    doc: 'Joining lines that were cut. A join that reaches a limit is delivered as it is, and counted.',
    settings: {
      partials: {
        doc: 'Lines that the container engine cut at 16 KiB.',
        settings: {
          maxBytes: {
            type: 'size', default: '192KiB', min: '16KiB', max: '64MiB', example: '1MiB',
            doc: 'Longest line. A longer one is cut into parts, which are counted.',
          },
          maxAge: {
            type: 'duration', default: '5s', min: '100ms', max: '1m', example: '2s',
            doc: 'How long to wait for the last piece. Until then the pieces are only in memory.',
          },
          maxOpen: {
            type: 'integer', default: 256, min: 1, max: 65536, example: '64',
            doc: 'Most lines that are joined at a time. One more delivers the oldest as it is.',
          },
          maxTotalBytes: {
            type: 'size', default: '16MiB', min: '64KiB', max: '1GiB', example: '4MiB',
            doc: 'Most memory for all pieces.',
          },
        },
      },
      traces: {
        doc: 'PHP errors of several lines: a trace becomes one record.',
        settings: {
          maxBytes: {
            type: 'size', default: '192KiB', min: '4KiB', max: '64MiB', example: '1MiB',
            doc: 'Longest record. What follows is a record of its own.',
          },
          maxLines: {
            type: 'integer', default: 1000, min: 2, max: 100000, example: '500',
            doc: 'Most lines of a record.',
          },
          maxQuiet: {
            type: 'duration', default: '1s', min: '10ms', max: '1m', example: '500ms',
            doc: 'A record is complete when no further line of it arrives for this long. Until then its lines are only in memory.',
          },
          maxAge: {
            type: 'duration', default: '5s', min: '100ms', max: '1m', example: '2s',
            doc: 'Longest time that the first line of a record waits while more lines keep coming.',
          },
          maxOpen: {
            type: 'integer', default: 256, min: 1, max: 65536, example: '64',
            doc: 'Most records that are joined at a time. One more delivers the oldest as it is.',
          },
          maxTotalBytes: {
            type: 'size', default: '16MiB', min: '64KiB', max: '1GiB', example: '4MiB',
            doc: 'Most memory for all open records.',
          },
        },
      },
    },
  },

  access: {
    doc: 'A line of standard output is an access line when it is a JSON object with at least one key of each list.',
    settings: {
      format: {
        type: 'choice', default: 'auto', choices: ['auto', 'json', 'combined', 'vhost_combined', 'common'],
        example: 'combined',
        doc: 'Format of access lines. Apache\'s plain formats become JSON with the usual names. `auto` recognises all of them.',
      },
      statusKeys: {
        type: 'list',
        default: ['status', 'status_code', 'statusCode', 'response_code', 'responseCode', 'http_status', 'httpStatus', 'response', 'response_status', 'sc_status', 'sc-status', 'http.response.status_code', 'http', 'httpRequest', '@fields'],
        example: 'status,st',
        doc: 'Keys for the status of the response, or for an object that holds it.',
      },
      requestKeys: {
        type: 'list',
        default: ['request', 'method', 'path', 'uri', 'url', 'request_method', 'requestMethod', 'request_uri', 'requestURI', 'requestUri', 'request_url', 'requestUrl', 'request_path', 'requestPath', 'request_line', 'requestLine', 'http_method', 'httpMethod', 'verb', 'cs_method', 'cs-method', 'cs_uri_stem', 'cs-uri-stem', 'http.request.method', 'url.path', 'url.original', 'http', 'httpRequest', '@fields'],
        example: 'request,rq',
        doc: 'Keys for the method, the path or the whole request line.',
      },
      durationKeys: {
        type: 'list', default: [], pattern: /^.{1,128}=(?:ns|us|ms|s)$/,
        allowed: '`key=unit`, with the unit `ns`, `us`, `ms` or `s`', unique: 'key', maxItems: 50,
        example: 'request_time=s,took=ms',
        doc: 'Keys for how long a request took, with their unit, for `sluice_http_request_duration_seconds`. Names that say their unit, as `duration_us`, are known.',
      },
    },
  },

  healthChecks: {
    doc: 'Health checks: GET or HEAD for one of `healthChecks.paths`, without a query, answered with a status below 400, from a load balancer, Route 53, the kubelet, or curl or wget on loopback. A line that does not say all of that is kept.',
    settings: {
      filter: {
        type: 'boolean', default: true, example: 'off',
        doc: 'Whether they are filtered, by rule `health-check`, and counted in `sluice_health_checks_total` instead of `sluice_http_requests_total`.',
      },
      paths: {
        type: 'list',
        default: ['/health', '/healthz', '/health.php', '/health.html', '/healthcheck', '/healthcheck.php', '/health-check', '/health_check', '/ping', '/ping.php', '/livez', '/readyz', '/status', '/up'],
        pattern: /^\/[^\s?#"\\]{0,255}$/, allowed: 'paths, as `/health`, without a query', unique: 'item',
        maxItems: 100, example: '/health,/lb/check',
        doc: 'Their paths, in full.',
      },
    },
  },

  app: {
    doc: 'Handling of lines of standard output that are no access lines.',
    settings: {
      errorsFrom: {
        type: 'choice', default: 'error', choices: [...errorLevels, 'off'], words: levelWords, example: 'warn',
        doc: 'The level from which they are of class `error`, put together and read like those of standard error, by rule `stdout-error`; what Apache and php-fpm write in their own logs is, whatever its level. A container with a TTY has only standard output. A line without a level stays `app`. `off`: all of them do.',
      },
    },
  },

  signals: {
    doc: 'Troubles of Apache, PHP and what they need, as lines show them: [signals.md](signals.md).',
    settings: {
      maxWorkers: {
        type: 'integer', default: 0, min: 0, max: 100000, example: '150',
        doc: 'Apache\'s `MaxRequestWorkers`, for the signal `keep_alive_too_long`. 0: the number that Apache\'s own messages name, if one does.',
      },
    },
  },

  error: {
    doc: 'Handling of error records. A PHP trace of several lines is one record.',
    settings: {
      format: {
        type: 'choice', default: 'text', choices: ['text', 'json'], example: 'json',
        doc: '`text`: the line or trace as readable text. `json`: its fields (time, level, origin, code, exception, file, line, client, message, trace, fingerprint, …) as one JSON object, for Logs Insights and metric filters. A record whose JSON would be longer than `events.maxMessageBytes` is sent as text.',
      },
      minLevel: {
        type: 'choice', default: 'debug', choices: errorLevels, words: levelWords, example: 'warn',
        doc: 'Records below this level are filtered by rule `below-level`. A line without a level is always kept, and a level filters no lines that only stand behind its own. The words of syslog, PSR-3 and Apache are understood too: `warning`, `critical`, `trace4`.',
      },
      alwaysKeep: {
        type: 'list', isRegex: true, allowed: 'JavaScript regular expressions, or `error_log`',
        default: ['error_log', 'AH0005[12]: '], example: 'error_log,payment',
        doc: 'What `error.minLevel` never filters: records that match one of these regular expressions. `error_log` is what a program says with PHP\'s `error_log()`, which PHP marks as `notice` whatever it says. `AH00051` and `AH00052` (`notice`) tell of a child that crashed.',
      },
      fpmDuplicates: {
        type: 'choice', aliases: ['error.fpmTwins'], default: 'keep', choices: ['keep', 'drop'], example: 'drop',
        doc: 'php-fpm reports an error twice: in its own log and through Apache (AH01071). `drop` filters the second report, by rule `fpm-twin`.',
      },
      copyToS3: {
        type: 'boolean', default: false, example: 'true',
        doc: 'Whether error records also become objects in S3, under the keys of class `error`, besides going to CloudWatch Logs; those that are stored in that bucket anyway are stored once. The copies have a route of their own, `error-s3`, with a quota as that of errors.',
      },
    },
  },

  storms: {
    doc: 'An error that comes again and again: [storms.md](storms.md). Errors of one container are the same if they have the same fingerprint.',
    settings: {
      divert: {
        type: 'boolean', default: false, example: 'true',
        doc: 'Whether only the first `storms.count` records of the same error in each `storms.window` go to CloudWatch Logs, with one summary of all of them. The others go to S3, below `{prefix}storm/`, by a route of their own, `storm`. Levels `crit`, `alert` and `emerg` are never diverted, nor are errors that go to a route of one\'s own or into objects.',
      },
      count: {
        type: 'integer', default: 100, min: 1, max: 1000000, example: '20',
        doc: 'How many records of the same error go to CloudWatch Logs in each window.',
      },
      window: {
        type: 'duration', default: '60s', min: '1s', max: '1h', example: '5m',
        doc: 'Length of a window. It begins with the first record of an error that comes when no window of that error is open, and ends with the summary, if there is one.',
      },
      maxBytes: quotaOf('256MiB', '1GiB', 'Disk quota of the route `storm`.'),
    },
  },

  filter: {
    doc: 'Which records to keep. Every filtered record is counted by its rule. See "Regular expressions" in docs/configuration.md.',
    settings: { include, exclude },
  },

  redact: {
    doc: 'What is taken out of records before they are written anywhere: [pci.md](pci.md).',
    settings: {
      preset: {
        type: 'choice', default: 'default', choices: ['none', 'default', 'pci'], example: 'pci',
        doc: '`default`: card numbers (first six and last four digits stay), authentication data of cards, secrets. `pci`: e-mail addresses and addresses of clients too. `none`: only what the settings below ask for.',
      },
      keys: {
        type: 'list',
        default: ['token', 'password', 'passwd', 'pwd', 'passphrase', 'secret', 'api_key', 'access_token', 'refresh_token', 'id_token', 'auth_token', 'csrf_token', 'session_token', 'session', 'session_id', 'sid', 'phpsessid', 'client_secret', 'secret_key', 'private_key', 'access_key', 'x_api_key', 'password_confirmation', 'password_confirm', 'password1', 'password2', 'new_password', 'old_password', 'current_password', 'db_password', 'login_pass', 'user_pass', 'db_pass', 'パスワード'],
        unique: 'item', maxItems: 500, allowed: 'keys', example: 'token,password,otp',
        doc: 'Keys whose values are secrets, in JSON, queries, forms, cookies and text. Compared without case, `-` and `_`, also as the end of a longer key, `user_password` or `dbPassword` (not `sid`; `session` only with quotes or before `=`). `Authorization` and cookies belong to it, and `code` in a query that has a `state`; none of them if the list is empty.',
      },
      idKeys: {
        type: 'list',
        default: ['trace', 'trace_id', 'request_id', 'span_id', 'parent_id', 'x_request_id', 'correlation_id', 'x_correlation_id', 'unique_id', 'x_amzn_trace_id', 'traceparent', 'log_id'],
        unique: 'item', maxItems: 500, allowed: 'keys', example: 'trace,request_id,order_id',
        doc: 'Keys whose values are ids. No card number is looked for in them.',
      },
      emails: {
        type: 'choice', default: 'auto', choices: ['auto', 'redact', 'keep'], example: 'redact',
        doc: 'Whether e-mail addresses are removed. `auto`: with `preset: pci`.',
      },
      clientAddresses: {
        type: 'choice', default: 'auto', choices: ['auto', 'truncate', 'keep'], example: 'truncate',
        doc: 'Whether addresses of clients are truncated, in access lines (headers in which proxies name the client, as `xff` and `X-Forwarded-For`, among them) and in `[client …]`: of IPv4 the last number becomes 0, of IPv6 the first 48 bits stay. `auto`: with `preset: pci`.',
      },
      patterns: {
        type: 'list', isRegex: true, isLinear: true,
        allowed: 'JavaScript regular expressions without look-around and back references', default: [],
        maxItems: 100, example: '\\bMEMBER-[0-9]{8}\\b',
        doc: 'Regular expressions; what they match becomes `[redacted]`, after all of the above. In a line of JSON each text and each number is looked at by itself. With them, each record becomes a string, and 1 KiB takes about 0.1 ms for each pattern.',
      },
    },
  },

  containers: {
    doc: 'Settings for single containers, by name. A name of which no line comes is told in the log, when lines of others have come for five minutes. What an entry does not set is as for all containers. A container with its own group or bucket sends all its lines there if they would otherwise go to files: with only a group, access lines become events in it; with only a bucket, errors become objects in it.',
    keys: {
      pattern: /^[A-Za-z0-9][\w-]{0,127}$/,
      allowed: 'the name of a container: letters, digits, `-` and `_`',
      example: 'web',
    },
    each: {
      logGroup: { ...logGroup, doc: 'CloudWatch Logs group for error records of this container.' },
      stream: { ...streamName, doc: 'As `events.stream`.' },
      bucket: { ...bucket, doc: 'S3 bucket for access, app and invalid records of this container.' },
      key: { ...objectKey, doc: 'As `objects.key`.' },
      region: { ...region, doc: 'Region of this container\'s group and bucket.' },
      compression: { ...compression, doc: 'As `objects.compression`.' },
      storageClass: { ...storageClass, doc: 'As `s3.storageClass`.' },
      createGroup: { ...createGroup, doc: 'As `cloudwatch.createGroup`.' },
      retentionDays: { ...retentionDays, doc: 'As `cloudwatch.retentionDays`.' },
      groupClass: { ...groupClass, doc: 'As `cloudwatch.groupClass`.' },
      roleArn: { ...roleArn, doc: 'As `aws.roleArn`.' },
      include: { ...include, doc: 'As `filter.include`. Both apply.' },
      exclude: { ...exclude, doc: 'As `filter.exclude`. Both apply.' },
      copyTo: { ...copyTo, doc: 'Routes of one\'s own, each below `routes`, that take a copy of every record of this container.' },
    },
  },

  rules,
  tests,

  routes: {
    doc: 'Destination and disk quota of each class, and of routes of one\'s own, which take what `rules` and `copyTo` give them. When a quota is full, the oldest records of the route are dropped first, and counted. No route uses the quota of another. All quotas together take at most half of the free disk.',
    settings: {
      access: {
        doc: 'Access lines.',
        settings: {
          to: {
            type: 'choice', default: 's3', choices: ['s3', 'cloudwatch'], example: 'cloudwatch',
            doc: 'Where access records, and invalid ones, go: into objects, or into log events like errors.',
          },
          maxBytes: quotaOf('1GiB', '4GiB', 'Disk quota of access records.'),
          copyTo: { ...copyTo, doc: 'Routes of one\'s own, each below `routes`, that take a copy of every access record.' },
        },
      },
      app: {
        doc: 'Other lines of standard output.',
        settings: {
          to: {
            type: 'choice', default: 's3', choices: ['s3', 'cloudwatch'], example: 'cloudwatch',
            doc: 'Where app records go: into objects like access lines, or into log events like errors.',
          },
          maxBytes: quotaOf('256MiB', '1GiB', 'Disk quota of app records.'),
          copyTo: { ...copyTo, doc: 'Routes of one\'s own, each below `routes`, that take a copy of every app record.' },
        },
      },
      invalid: {
        doc: 'Access lines that cannot be turned into JSON.',
        settings: {
          maxBytes: quotaOf('64MiB', '256MiB', 'Disk quota of invalid records.'),
          copyTo: { ...copyTo, doc: 'Routes of one\'s own, each below `routes`, that take a copy of every invalid record.' },
        },
      },
      error: {
        doc: 'Lines of standard error.',
        settings: {
          to: {
            type: 'choice', default: 'cloudwatch', choices: ['cloudwatch', 's3'], example: 's3',
            doc: 'Where error records go: into log events, or into objects like access lines.',
          },
          maxBytes: quotaOf('256MiB', '1GiB', 'Disk quota of error records.'),
          copyTo: { ...copyTo, doc: 'Routes of one\'s own, each below `routes`, that take a copy of every error record.' },
        },
      },
    },
    others: {
      doc: 'A route of one\'s own. Its records come from `rules` and `copyTo`. `{class}` in its key and stream is its name.',
      keys: {
        pattern: /^(?!(?:join|storm|error-s3|dead-letter)$)[a-z\d][a-z\d-]{0,31}$/,
        allowed: 'the name of a route of one\'s own: up to 32 small letters, digits and `-`; `join`, `storm`, `error-s3` and `dead-letter` are taken',
        example: 'archive',
      },
      each: {
        to: {
          type: 'choice', default: 's3', choices: ['s3', 'cloudwatch'], example: 'cloudwatch',
          doc: 'Where its records go: into objects or into log events. Unless given, into log events if it has a `logGroup`.',
        },
        bucket: { ...bucket, doc: 'S3 bucket. Unless given: `bucket`.' },
        prefix: { ...prefix, doc: 'Start of every object key, as `prefix`.' },
        logGroup: { ...logGroup, doc: 'CloudWatch Logs group. Unless given: `logGroup`.' },
        maxBytes: quotaOf('256MiB', '1GiB', 'Disk quota. Unless given: 256MiB.'),
        compression: { ...compression, doc: 'As `objects.compression`.' },
        key: { ...objectKey, doc: 'As `objects.key`.' },
        stream: { ...streamName, doc: 'As `events.stream`.' },
        region: { ...region, doc: 'Region of its bucket or group.' },
        roleArn: { ...roleArn, doc: 'As `aws.roleArn`.' },
        storageClass: { ...storageClass, doc: 'As `s3.storageClass`.' },
        createGroup: { ...createGroup, doc: 'As `cloudwatch.createGroup`.' },
        retentionDays: { ...retentionDays, doc: 'As `cloudwatch.retentionDays`.' },
        groupClass: { ...groupClass, doc: 'As `cloudwatch.groupClass`.' },
      },
    },
  },

  spool: {
    doc: 'The queue on disk between receiving and delivering.',
    settings: {
      maxBytes: {
        type: 'size', default: 'off', canBeOff: true, min: '4MiB', max: '4TiB', example: '512MiB',
        doc: 'Disk quota of all routes together. If the quotas of all routes, including those of single containers, add up to more, each is reduced in proportion, but none below 1MiB or a quarter of an equal share. Off: their sum.',
      },
      writeBufferBytes: {
        type: 'size', default: '2MiB', min: '256KiB', max: '256MiB', example: '8MiB',
        doc: 'Memory of each route for lines that are not yet written. When it is full and the disk has taken nothing for `spool.maxStall`, the newest line is dropped and counted.',
      },
      flushInterval: {
        type: 'duration', default: '20ms', min: '1ms', max: '1s', example: '50ms',
        doc: 'Longest time that a line waits in memory before it is written. Where lines of more than 32 containers wait at once, it may be up to 100 ms, so that each write takes more of them.',
      },
      maxStall: {
        type: 'duration', default: '1s', min: '10ms', max: '4s', example: '500ms',
        doc: 'Longest time that a slow disk may keep Sluice from reading a log socket. A quota that fills while it is emptied at 16 MiB a second and more does so for 50 ms at a time. The log driver gives up after 5 s.',
      },
      sync: {
        type: 'choice', default: 'never', choices: ['never', 'interval', 'always'], example: 'interval',
        doc: 'When to force writes to the device. `never` survives everything but the loss of the machine. The others are for disks that outlive the machine (EFS, EBS).',
      },
      syncInterval: {
        type: 'duration', default: '1s', min: '10ms', max: '1h', example: '5s',
        doc: 'How often to do so with `sync: interval`.',
      },
      maxOpenSegments: {
        type: 'integer', default: 512, min: 1, max: 65536, example: '128',
        doc: 'Most segments, of all routes together, whose files stay open between writes. The files of more are opened for each write. Each takes a file descriptor. Where a key or stream names the container, each container has a segment for each hour.',
      },
    },
  },

  objects: {
    doc: 'Routes whose records are stored as objects: access, invalid, and app unless it goes to CloudWatch.',
    settings: {
      maxBytes: {
        type: 'size', default: '32MiB', min: '1KiB', max: '256MiB', example: '8MiB',
        doc: 'Largest object before compression, at most a quarter of the quota of its route; a longer line is an object of its own. An object is in memory while it is sent.',
      },
      maxAge: {
        type: 'duration', default: '60s', min: '100ms', max: '1h', example: '5m',
        doc: 'Age of its oldest record at which an object is closed. A longer time makes fewer, larger objects.',
      },
      compression,
      level: {
        type: 'integer', default: 1, min: 1, max: 19, example: '6',
        doc: 'Compression level: 1 to 9 with gzip, 1 to 19 with zstd. A higher level takes more CPU from the application\'s task.',
      },
      key: objectKey,
    },
  },

  events: {
    doc: 'Routes whose records become log events: error, and app if it goes to CloudWatch.',
    settings: {
      maxAge: {
        type: 'duration', default: '1s', min: '50ms', max: '1m', example: '5s',
        doc: 'How long a record waits for others before they are sent together.',
      },
      segmentMaxBytes: {
        type: 'size', default: '4MiB', min: '16KiB', max: '256MiB', example: '16MiB',
        doc: 'Largest segment in the spool, at most a quarter of the quota of its route; a longer record has one of its own.',
      },
      maxMessageBytes: {
        type: 'size', default: '1000000B', min: '1KiB',
        // The largest that fits a batch. Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        max: '1048550B',
        example: '256kB',
        doc: 'Longest message, in UTF-8 bytes. A longer one is split between characters into numbered parts, which are counted as made.',
      },
      batchMaxBytes: {
        type: 'size', default: '1MiB', min: '16KiB',
        // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
        max: '1MiB',
        example: '256KiB',
        doc: 'Largest batch, as CloudWatch Logs counts it. A longer record is a batch of its own.',
      },
      batchMaxRecords: {
        type: 'integer', default: 10000, min: 1, max: 10000, example: '1000',
        doc: 'Most records of a batch.',
      },
      stream: streamName,
    },
  },

  file: {
    doc: 'Delivery to files, for every route without a destination in AWS.',
    settings: {
      directory: {
        type: 'path', default: '', canBeEmpty: true, example: '/mnt/logs',
        doc: 'Directory for delivered files. Empty: `delivered` in this instance\'s directory of `dataDir`.',
      },
      minFreeBytes: {
        type: 'size', default: '64MiB', min: '0B', max: '1TiB', example: '1GiB',
        doc: 'Free disk space to leave. With less, delivery waits and the spool keeps the records.',
      },
    },
  },

  cloudwatch: {
    doc: 'CloudWatch Logs, if `logGroup` names a group. Missing streams are created.',
    settings: {
      region,
      createGroup,
      retentionDays,
      groupClass,
      groupTags: {
        type: 'list', default: [], ...tag,
        // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
        maxItems: 50,
        unique: 'key', example: 'team=web,service=shop',
        doc: 'Tags of a group that Sluice creates. Needs `logs:TagResource`.',
      },
      kmsKeyId: {
        type: 'string', default: '',
        example: 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
        pattern: /^(?:arn:[a-z][a-z\d-]{0,31}:kms:[a-z\d-]{1,63}:\d{12}:key\/[\w-]{1,128})?$/, known: knownArn,
        allowed: 'the ARN of a key, `arn:aws:kms:region:123456789012:key/id`',
        doc: 'KMS key of a group that Sluice creates. The key policy must let CloudWatch Logs use it. Empty: CloudWatch Logs encrypts with its own keys.',
      },
      entity: {
        doc: 'The entity that the events are about, for "Explore related" in CloudWatch. If CloudWatch Logs does not accept it, the events are stored without it, with a warning.',
        settings: {
          keyAttributes: {
            type: 'list', default: [],
            // Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Entity.html
            pattern: /^[^=\s\p{Cc}]{1,32}=\P{Cc}{1,512}$/u,
            known: /^(?:Type|ResourceType|Identifier|Name|Environment)=/,
            allowed: '`key=value`, keys `Type`, `ResourceType`, `Identifier`, `Name` and `Environment`, values of up to 512 characters',
            maxItems: 4, unique: 'key', example: 'Type=Service,Name=shop,Environment=production',
            doc: 'What identifies the entity, at least two: `Type=Service` with `Name` and `Environment`, or `Type=AWS::Resource` with `ResourceType` and `Identifier`. Empty: no entity is sent.',
          },
          attributes: {
            type: 'list', default: [], pattern: /^[^=\p{Cc}]{1,256}=\P{Cc}{1,512}$/u,
            allowed: '`key=value`, keys of up to 256 and values of up to 512 characters', maxItems: 10,
            unique: 'key', example: 'PlatformType=AWS::ECS',
            doc: 'Further attributes of the entity; needs `cloudwatch.entity.keyAttributes`. A value with a comma can only be given in YAML.',
          },
        },
      },
    },
  },

  s3: {
    doc: 'S3, if `bucket` names a bucket.',
    settings: {
      region,
      ifNoneMatch: {
        type: 'boolean', default: true, example: 'false',
        doc: 'Whether an object that already exists is left alone (`If-None-Match: *`). Turn it off for stores that do not know this header.',
      },
      storageClass,
      acl: {
        type: 'choice', default: 'bucket',
        // Closed: the other values of AWS would make logs readable for everyone, or for services that do not need them.
        choices: ['bucket', 'private', 'bucket-owner-read', 'bucket-owner-full-control'],
        example: 'bucket-owner-full-control',
        doc: 'Canned ACL of objects. `bucket` sends none. Buckets made since April 2023 have ACLs disabled and accept only `bucket-owner-full-control`. Needs `s3:PutObjectAcl`.',
      },
      tags: {
        type: 'list', default: [], ...tag, maxItems: 10, unique: 'key', example: 'team=web,service=shop',
        doc: 'Tags of objects. Needs `s3:PutObjectTagging`. S3 bills each tag of each object.',
      },
      expectedBucketOwner: {
        type: 'string', default: '', example: '123456789012', pattern: /^(?:\d{12})?$/,
        allowed: 'the 12 digits of an account',
        doc: 'Account that must own the bucket, and the buckets of single containers. S3 then refuses to store objects in a bucket of someone else. Empty: not checked.',
      },
      encryption: {
        type: 'choice', default: 'bucket', choices: ['bucket', 'AES256', 'aws:kms', 'aws:kms:dsse'],
        others: /^[A-Za-z\d]+(?:[:_-][A-Za-z\d]+)*$/, example: 'aws:kms',
        doc: 'Encryption of objects: with keys of S3 (`AES256`), with a KMS key (`aws:kms`), or with a KMS key in two layers (`aws:kms:dsse`). `bucket` sends nothing, and S3 encrypts as the bucket says.',
      },
      kmsKeyId: {
        type: 'string', default: '', example: 'alias/logs', pattern: /^[\x21-\x7e]{0,2048}$/,
        allowed: 'the id, ARN or alias of a key',
        doc: 'KMS key for objects: its id, ARN or alias; a key of another account needs its ARN. It sets `encryption` to `aws:kms`. Empty: the key of the bucket, or with `encryption: aws:kms` the key `aws/s3` of the account. Needs `kms:GenerateDataKey`.',
      },
      bucketKey: {
        type: 'boolean', default: true, example: 'false',
        doc: 'Whether S3 asks KMS once for many objects, with `encryption: aws:kms`. If not, every object is a request that KMS bills.',
      },
      checksum: {
        type: 'choice', default: 'CRC32',
        // Closed: these are the ones that the client computes without another package.
        choices: ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'none'],
        example: 'none',
        doc: 'Checksum that is sent with objects and kept by S3. `CRC32` costs least CPU, and is left out with `AWS_REQUEST_CHECKSUM_CALCULATION=when_required`. `none` is for stores that do not support checksums. A bucket with Object Lock needs one.',
      },
      contentType: {
        type: 'string', default: 'application/x-ndjson', pattern: /^[\x20-\x7e]{0,1024}$/, allowed: 'text of ASCII',
        example: 'application/json',
        doc: 'Content type of objects.',
      },
    },
  },

  aws: {
    doc: 'Region and credentials are found as in every AWS SDK. `AWS_ENDPOINT_URL` works too, also for single services.',
    settings: {
      roleArn,
      externalId: {
        type: 'string', default: '', example: 'shop-4711',
        // Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        pattern: /^(?:[\w+=,.@:/-]{2,1224})?$/,
        allowed: '2 to 1224 letters, digits and `_+=,.@:/-`',
        doc: 'External id that the trust policy of `aws.roleArn` requires. Empty: none.',
      },
      sessionName: {
        type: 'string', default: '', example: 'shop-logs', pattern: /^(?:[\w+=,.@-]{2,64})?$/,
        allowed: '2 to 64 letters, digits and `_+=,.@-`',
        doc: 'Session name for `aws.roleArn`, seen in CloudTrail and in policies. Empty: `sluice-` and the task.',
      },
      connectionTimeout: {
        type: 'duration', default: '5s', min: '100ms', max: '1m', example: '2s',
        doc: 'Longest time to connect to an endpoint.',
      },
    },
  },

  delivery: {
    doc: 'Requests to a destination. A failed request is retried for as long as the spool has space.',
    settings: {
      requestTimeout: {
        type: 'duration', default: '30s', min: '100ms', max: '10m', example: '10s',
        doc: 'Longest time that a request may take.',
      },
      backoffMin: {
        type: 'duration', default: '200ms', min: '1ms', max: '1m', example: '1s',
        doc: 'Upper limit of the pause after the first failure. It doubles with each further failure. The pause is a random part of it.',
      },
      backoffMax: {
        type: 'duration', default: '30s', min: '1ms', max: '1h', example: '5m',
        doc: 'Upper limit of the pause after many failures.',
      },
      reconnectAfter: {
        type: 'duration', aliases: ['delivery.rebuildAfter'], default: '5m', min: '1s', max: '1d', example: '10m',
        doc: 'After failing for this long, Sluice reconnects to the destination, with new connections and credentials.',
      },
    },
  },

  deadLetter: {
    doc: 'Records that a destination refuses for good are kept, with the reason, in `dead-letter` in this instance\'s directory of `dataDir`, and with a bucket below `{prefix}dead-letter/` too.',
    settings: {
      maxBytes: {
        type: 'size', default: '64MiB', min: '1MiB', max: '1TiB', example: '1GiB',
        doc: 'Most disk for the refused records of a route. When it is full, the older half is removed.',
      },
    },
  },

  stop: {
    doc: 'What Sluice does on SIGTERM.',
    settings: {
      deadline: {
        type: 'duration', default: '25s', min: '0s', max: '10m', example: '110s',
        doc: 'Time to read what is left in the sockets and to deliver. Keep it below the `stopTimeout` of the container (30 s by default). What is left stays in the spool.',
      },
      quiet: {
        type: 'duration', default: '1s', min: '0s', max: '1m', example: '3s',
        doc: 'Reading ends when nothing arrives for this long, or after 40 % of the deadline.',
      },
    },
  },

  firelens: {
    doc: 'What ECS sets up for a log router (`firelensConfiguration` of type `fluentbit`).',
    settings: {
      config: {
        type: 'path', default: '/fluent-bit/etc/fluent-bit.conf', canBeOff: true, example: 'off',
        doc: 'Fluent Bit configuration that is read at the start if it exists. YAML and variables win over it. `sluice migrate` prints it as YAML.',
      },
      healthInput: {
        type: 'address', default: 'off', example: '127.0.0.1:8877', canBeOff: true,
        doc: 'TCP address for health checks that were made for Fluent Bit (`{"health":"check"}`). The configuration that ECS generates sets it to `127.0.0.1:8877`. What arrives there is not a record.',
      },
    },
  },

  ecs: {
    doc: 'Which task this is, for `{cluster}` and the like. These win over the task metadata endpoint.',
    settings: {
      cluster: { type: 'string', default: '', example: 'shop', doc: 'Name of the cluster.' },
      taskArn: {
        type: 'string', default: '',
        example: 'arn:aws:ecs:ap-northeast-1:123456789012:task/shop/0123456789abcdef0123456789abcdef',
        doc: 'ARN of the task. Its last part is `{task}`, unless `hostId` is set.',
      },
      taskDefinition: {
        type: 'string', default: '', example: 'payment:42', doc: 'Family and revision of the task definition.',
      },
      instanceId: { type: 'string', default: '', example: 'i-0123456789abcdef0', doc: 'EC2 instance on which the task runs.' },
    },
  },

  telemetry: {
    doc: 'What Sluice says of itself without being asked.',
    settings: {
      heartbeat: {
        type: 'duration', default: '1m', canBeOff: true, min: '1s', max: '1h', example: '5m',
        doc: 'How often the log has a line `heartbeat` of level `info`: what was received, delivered, rejected and dropped since the one before, and what waits. An alarm on its absence tells of a Sluice that does not run.',
      },
      emf: {
        type: 'boolean', default: false, example: 'true',
        doc: 'Whether the log has, once a minute, lines in CloudWatch\'s embedded metric format, of which CloudWatch Logs makes metrics: the ledger, what waits, errors by level, requests and signals. They are written at any `log.level`. The log group needs the class `STANDARD`.',
      },
    },
  },

  log: {
    doc: 'Sluice\'s own log, on standard output.',
    settings: {
      level: {
        type: 'choice', default: 'info', choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
        example: 'warn',
        doc: 'Lowest level that is written.',
      },
    },
  },
} as const satisfies SettingTree

/** The effective settings, frozen: the names of the table, sizes in bytes, durations in ms. */
export type Config = ConfigOf<typeof settings>

// Tested in test/config/load.test.ts
