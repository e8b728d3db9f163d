resource "coze_callback_app" "bot_events" {
  name         = "智能体发布通知${var.suffix}"
  callback_url = "${var.hooks}/coze/events"
  events       = ["bot.published", "bot.unpublished", "bot.deleted"]
}
