"""The words of the rule catalogue in Simplified Chinese: rule id -> (problem, remedy)."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CHINESE"]

CHINESE: Mapping[str, tuple[str, str]] = {
    "not-cap": (
        "根元素不是 CAP 的 alert。",
        "请以 urn:oasis:names:tc:emergency:cap:1.2 命名空间的 alert 开头。",
    ),
    "old-namespace": ("命名空间不是 CAP 1.2。", "请使用 urn:oasis:names:tc:emergency:cap:1.2。"),
    "unexpected-element": ("CAP 1.2 此处没有这个元素。", "请删除；自定义内容放入 parameter。"),
    "unexpected-attribute": ("CAP 1.2 此处没有这个属性。", "请删除。"),
    "stray-text": ("元素之间有多余文字。", "请删除。"),
    "wrong-order": ("元素顺序不对。", "请按标准规定的顺序排列。"),
    "repeated": ("该元素只能出现一次。", "请只保留一个。"),
    "missing": ("缺少必填元素，或内容为空。", "请补充。"),
    "time-format": (
        "时间格式不符合 CAP 规定。",
        "请写成 YYYY-MM-DDThh:mm:ss 加时区偏移，UTC 写作 -00:00，不用 Z 和小数秒。",
    ),
    "number-format": ("不是普通数字。", "请只写数字。"),
    "polygon-format": (
        "不是坐标对列表。",
        "请写成“纬度,经度 纬度,经度 …”，坐标对之间只用空白分隔。",
    ),
    "circle-format": ("不是圆形区域。", "请写成“纬度,经度 半径（公里）”。"),
    "reference-format": (
        "无法确定所引用的消息。",
        "每条写成“sender,identifier,sent”，之间用一个空格分隔。",
    ),
    "item-quotes": ("列表中的引号不成对。", "含空白的条目用引号括起；条目内不得有引号。"),
    "code-spelling": ("代码拼写与标准不一致。", "请与标准完全一致，前后不留空白。"),
    "alert-name": (
        "identifier 和 sender 不得含空格、逗号、< 或 &。",
        "请使用字母、数字、点和连字符。",
    ),
    "code-value": ("标准中没有这个代码。", "请使用标准为该元素列出的代码。"),
    "restriction-missing": ("限定范围的消息须说明限定对象。", "请填写 restriction，或修改 scope。"),
    "restriction-unused": (
        "只有限定范围的消息才有 restriction。",
        "请删除，或将 scope 设为 Restricted。",
    ),
    "addresses-missing": ("仅限指定对象的消息须写明接收者。", "请填写 addresses，或修改 scope。"),
    "references-missing": ("此类消息针对先前的消息。", "请在 references 中写明。"),
    "reference-self": ("消息引用了自身。", "请删除该引用。"),
    "reference-later": ("消息引用了更晚发出的消息。", "请核对两个时间。"),
    "reference-repeated": ("同一消息被引用两次。", "请只保留一个。"),
    "note-for-error": ("Error 消息应在 note 中说明原因。", "请填写 note。"),
    "note-for-exercise": ("演练应在 note 中写明。", "请填写 note。"),
    "info-missing": (
        "没有 info 的预警对公众没有内容。",
        "请添加 info，除非本消息只针对先前的消息。",
    ),
    "time-value": (
        "时间缺少时区，带有小数秒，或时区偏移不合规。",
        "请使用带时区的整秒时间，偏移为整分钟且不超过 14:00。",
    ),
    "character": ("文本含有 XML 不能承载的字符。", "请删除控制字符。"),
    "empty": ("元素存在但内容为空。", "请填写，或删除该元素。"),
    "language": ("不是语言标签。", "例如 en-US、zh-CN、fr。"),
    "language-repeated": ("同一事件有两个相同语言的 info。", "请合并，或分别注明语言。"),
    "same-text": ("两种语言下的文字相同。", "请翻译，或删去其一。"),
    "languages-differ": (
        "同一事件的各语言版本除文字外也不一致。",
        "各语言应使用相同的类别、代码和时间。",
    ),
    "expires-missing": ("没有 expires，接收方只能猜测何时结束。", "请填写 expires。"),
    "expires-early": (
        "消息在生效之前就已失效。",
        "expires 应晚于 effective；未填 effective 时以 sent 为准。",
    ),
    "expires-at-once": ("消息生效时即失效。", "解除预警请使用 msgType 为 Cancel 的消息。"),
    "expires-before-onset": ("消息在事件开始之前就已失效。", "请确认届时会有新的消息。"),
    "very-likely": ("Very Likely 已被取消，接收方按 Likely 处理。", "请写 Likely。"),
    "web-address": ("web 不是完整网址。", "请写完整网址：https://…"),
    "markup": ("文本中含有 HTML，接收方会原样显示。", "请使用纯文本。"),
    "mime-type": ("不是媒体类型。", "例如 image/png、text/plain。"),
    "size-negative": ("大小不能小于 0。", "请以字节为单位填写。"),
    "digest": ("digest 不是十六进制的 SHA-1。", "请填写 40 位十六进制数字。"),
    "deref-missing": ("相对地址所指的内容必须随附。", "请添加 derefUri，或写完整网址。"),
    "polygon-short": ("多边形至少要有 4 个坐标对。", "请补充坐标。"),
    "polygon-open": ("首尾坐标不一致。", "请在末尾重复第一个坐标。"),
    "polygon-crossing": ("多边形自相交或自接触。", "请沿边界依次排列各点，或拆分多边形。"),
    "coordinate-range": ("纬度为 -90 至 90，经度为 -180 至 180。", "请检查顺序：先纬度，后经度。"),
    "radius": ("半径不能小于 0。", "请以公里为单位填写。"),
    "ceiling-alone": ("有 ceiling 就必须有 altitude。", "请填写 altitude。"),
    "ceiling-below": ("ceiling 低于 altitude。", "请对调两者。"),
    "area-unplaced": ("区域只有文字，没有位置。", "请添加多边形、圆或 geocode。"),
}
