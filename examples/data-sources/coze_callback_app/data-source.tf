data "coze_callback_app" "events" {
  name = "智能体发布通知"
}
