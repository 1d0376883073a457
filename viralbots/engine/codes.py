"""Names of the numbers that the kernels share: bits, columns, slots, draw codes.

Compiled code knows constants of a module but no dictionaries, hence the long list.
"""

from __future__ import annotations

import numpy as np

from viralbots import draws
from viralbots.engine import tables as tb
from viralbots.trace import COUNTS

# Event word: recipient 0–25, source 26–51, channel 52–54, message 55–57, flags 58–63.
# Event extra: tie level 0–7, repeat 8–23, hops 24–31. Both words stand side by side in a chunk.
CHANNEL_BITS, MESSAGE_BITS, FLAG_BITS, HOP_BITS = 52, 55, 58, 24
MOST_HOPS, REPEAT_MASK = 255, 0xFFFF
# No delivery: with the flag REPEAT an emission that is due (its stream in the place of the
# source), else a request that returns to the landing (its channel in the place of the level).
OTHER_CHANNEL = 7
DRAW_CHANNEL = 254  # adoption whose channel is not decided yet
NO_CHANNEL = 255
BRAND_KEY = np.uint64(0xFFFFFFFFFFFFFFFF)

COUNT = {name: number for number, name in enumerate(COUNTS)}
C_DELIVERED, C_STOPPED, C_REACH = COUNT["delivered"], COUNT["stopped"], COUNT["reach"]
C_READINGS, C_READERS, C_DETECTIONS = COUNT["readings"], COUNT["readers"], COUNT["detections"]
C_DECEIVED, C_CORRECTED, C_MINUTES = (
    COUNT["deceived"],
    COUNT["corrected"],
    COUNT["deceived_minutes"],
)
C_CONVERTS, C_FORWARDS, C_STARTS = COUNT["converts"], COUNT["forwards"], COUNT["counter_starts"]
C_OPT_OUTS, C_COMPLAINTS, C_FILTERS = COUNT["opt_outs"], COUNT["complaints"], COUNT["filters"]
C_SENT, C_CENSORED, C_REQUESTS = COUNT["sent"], COUNT["censored"], COUNT["requests"]
C_REFUSED, C_VETOED, C_BY_BRAND = COUNT["refused"], COUNT["vetoed_forwards"], COUNT["by_brand"]
C_SEEDS, C_EMITTED, C_MUTATIONS = COUNT["seeds"], COUNT["emitted"], COUNT["mutations"]
C_INVOLUNTARY = COUNT["involuntary"]

S = tb.SLOT
READ_BASE, READ_TIE, READ_TIRED = S["read", None], S["read", "tie"], S["read", "fatigue"]
READ_REPEATS, READ_GROUP, READ_FOOTER = (
    S["read", "repeats"],
    S["read", "group"],
    S["read", "footer"],
)
DETECT_BASE, DETECT_SKILL = S["detect", None], S["detect", "skill"]
DETECT_SENDERS, DETECT_TIE = S["detect", "senders"], S["detect", "tie"]
CONVERT_BASE, CONVERT_MATCH = S["convert", None], S["convert", "match"]
CONVERT_SENDERS, CONVERT_TIE = S["convert", "senders"], S["convert", "tie"]
CONVERT_AWARE, CONVERT_PAID = S["convert", "aware"], S["convert", "paid_distance"]
CONVERT_DISTRUST, FORWARD_BASE = S["convert", "distrust"], S["forward", None]
FORWARD_MATCH, FORWARD_TIE = S["forward", "match"], S["forward", "tie"]
FORWARD_SENDERS, FORWARD_AWARE = S["forward", "senders"], S["forward", "aware"]
FORWARD_THREAT, FORWARD_TIRED = S["forward", "threat"], S["forward", "fatigue"]
FORWARD_NAME, FORWARD_NAME_AWARE = S["forward", "reputation"], S["forward", "reputation_aware"]
FORWARD_DECEIVED, REACT_BASE = S["forward", "deceived"], S["react", None]
REACT_AWARE, REACT_TIRED = S["react", "aware"], S["react", "fatigue"]
REACT_READ, REACT_TIE = S["react", "was_read"], S["react", "tie"]
REACT_DISTRUST = S["react", "distrust"]
CONVERT_USING, CONVERT_RIVAL = S["convert", "using"], S["convert", "rival_using"]
FORWARD_NOT_USING = S["forward", "not_using"]

(BASE, STEP, MOST, OBEYED, GROUP_PROB, OPT_OUT, COMPLAIN, OPT_OUT_AWARE, COMPLAIN_AWARE,
 FILTER_SHARE, REFUSED_LOSS, RETRY_PROB) = range(len(tb.CONSTANT))  # fmt: skip

ONE = 1 << 20
LEADER_MATCH = 2048
READ_CODE, DETECT_CODE = np.uint64(draws.READ), np.uint64(draws.DETECT)
CONVERT_CODE, FORWARD_CODE = np.uint64(draws.CONVERT), np.uint64(draws.FORWARD)
REACT_CODE, REACTION_CODE = np.uint64(draws.REACT), np.uint64(draws.REACTION)
FILTER_CODE, CHANNEL_CODE = np.uint64(draws.FILTER), np.uint64(draws.CHANNEL)
FAN_OUT_CODE, QUOTA_CODE = np.uint64(draws.FAN_OUT), np.uint64(draws.QUOTA)
GROUP_CODE, RECIPIENT_CODE = np.uint64(draws.GROUP), np.uint64(draws.RECIPIENT)
WAIT_CODE, VISIBILITY_CODE = np.uint64(draws.WAIT), np.uint64(draws.VISIBILITY)
LANDING_CODE, RETRY_CODE = np.uint64(draws.LANDING), np.uint64(draws.RETRY)
EMISSION_CODE, INTERVAL_CODE = np.uint64(draws.EMISSION), np.uint64(draws.INTERVAL)
MUTATION_CODE = np.uint64(draws.MUTATION)
INFILTRATION_CODE = np.uint64(draws.INFILTRATION)
VETO_CODE, SENDER_WORD = np.uint64(draws.VETO), np.uint64(draws.SENDER)
SHIFT8, SHIFT32 = np.uint64(8), np.uint64(32)
