"""The words people read for each CAP code, in each language of the office."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["LABELS", "label"]

LABELS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "status": {
        "Actual": ("Actual", "实际"),
        "Exercise": ("Exercise", "演练"),
        "System": ("System message", "系统消息"),
        "Test": ("Test", "测试"),
        "Draft": ("Draft", "草稿"),
    },
    "msgType": {
        "Alert": ("Alert", "首次发布"),
        "Update": ("Update", "更新"),
        "Cancel": ("Cancellation", "解除"),
        "Ack": ("Acknowledgement", "回执"),
        "Error": ("Rejection", "拒收"),
    },
    "scope": {
        "Public": ("Public", "公开"),
        "Restricted": ("Restricted", "限定范围"),
        "Private": ("Private", "仅限指定对象"),
    },
    "category": {
        "Geo": ("Earth and geology", "地震地质"),
        "Met": ("Weather", "气象"),
        "Safety": ("Public safety", "公共安全"),
        "Security": ("Security", "安全保卫"),
        "Rescue": ("Rescue", "救援"),
        "Fire": ("Fire", "火灾"),
        "Health": ("Health", "公共卫生"),
        "Env": ("Environment", "环境"),
        "Transport": ("Transport", "交通"),
        "Infra": ("Infrastructure", "基础设施"),
        "CBRNE": ("Chemical, biological, radiological, nuclear, explosive", "核生化与爆炸"),
        "Other": ("Other", "其他"),
    },
    "responseType": {
        "Shelter": ("Take shelter", "就地躲避"),
        "Evacuate": ("Evacuate", "撤离"),
        "Prepare": ("Prepare", "做好准备"),
        "Execute": ("Carry out the plan", "执行预案"),
        "Avoid": ("Keep away", "避开"),
        "Monitor": ("Follow the news", "关注信息"),
        "Assess": ("Assess", "研判"),
        "AllClear": ("All clear", "警报解除"),
        "None": ("Nothing to do", "无需行动"),
    },
    "urgency": {
        "Immediate": ("Act now", "立即"),
        "Expected": ("Act within the hour", "预计（一小时内）"),
        "Future": ("Act in the near future", "未来"),
        "Past": ("No longer needed", "已过"),
        "Unknown": ("Unknown", "未知"),
    },
    "severity": {
        "Extreme": ("Extreme", "特别严重"),
        "Severe": ("Severe", "严重"),
        "Moderate": ("Moderate", "较重"),
        "Minor": ("Minor", "一般"),
        "Unknown": ("Unknown", "未知"),
    },
    "certainty": {
        "Observed": ("Observed", "已观测到"),
        "Likely": ("Likely", "很可能"),
        "Possible": ("Possible", "可能"),
        "Unlikely": ("Unlikely", "不太可能"),
        "Unknown": ("Unknown", "未知"),
    },
}
"""Element name -> code -> (English, Simplified Chinese)."""


def label(element: str, code: str, language: str) -> str:
    """Return the words for ``code`` of ``element`` in ``language``, else the bare code.

    Any Chinese tag gives Simplified Chinese, every other language gives English.
    """
    words = LABELS.get(element, {}).get(code)
    if words is None:
        return code
    return words[1 if language.lower().startswith("zh") else 0]
